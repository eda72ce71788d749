using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Data;

/// <summary>Images of bytes with a class each, as their files hold them.</summary>
/// <param name="Pixels">(N,d), d = channels x pixels, channel by channel.</param>
/// <param name="Labels">(N)</param>
/// <param name="Dimension">d</param>
/// <param name="Channels">Number of colours.</param>
/// <param name="Name">The file or folder, for messages.</param>
internal sealed record LabelledImages(byte[] Pixels, byte[] Labels, int Dimension, int Channels, string Name)
{
    /// <summary>
    /// Chooses classes and samples, scales the pixels with the statistics of all training samples of these classes, before count cuts
    /// the training set, and rounds once to the precision. count does not cut the test set.
    /// </summary>
    public static FileData ToData(
        LabelledImages training,
        LabelledImages? test,
        IReadOnlyList<int>? classes,
        int? count,
        Standardize standardize,
        Precision precision,
        string contentHash
    )
    {
        if (test is not null && test.Dimension != training.Dimension)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{test.Name}: images of {test.Dimension} pixels; the training images have {training.Dimension}"
            );
        }

        int[] renumbered = Renumbering(training, test, classes, out int outputs);
        int[] rows = training.Rows(renumbered);
        // Of all samples: a short training set sees the same pixels as a long one.
        (double[] mean, double[] deviation) = training.Statistics(rows, standardize);
        if (count is not null)
        {
            if (count < 1 || count > rows.Length)
            {
                throw new HesseException(
                    ExitCode.BadData,
                    $"data.count is {count}; {training.Name} has {rows.Length} samples of the chosen classes"
                );
            }

            rows = rows[..count.Value];
        }

        if (rows.Length == 0)
        {
            throw new HesseException(ExitCode.BadData, $"{training.Name}: holds no samples");
        }

        DataSet trainingSet = training.Scaled(rows, renumbered, outputs, mean, deviation, precision);
        DataSet? testSet = test?.Scaled(test.Rows(renumbered), renumbered, outputs, mean, deviation, precision);
        return new FileData(trainingSet, testSet, contentHash);
    }

    /// <summary>The new number of each label 0 .. 255, or -1 when it is not chosen.</summary>
    private static int[] Renumbering(
        LabelledImages training,
        LabelledImages? test,
        IReadOnlyList<int>? classes,
        out int outputs
    )
    {
        int[] renumbered = new int[byte.MaxValue + 1];
        if (classes is null)
        {
            for (int label = 0; label < renumbered.Length; label++)
            {
                renumbered[label] = label;
            }

            int largest = Math.Max(Largest(training.Labels), test is null ? 0 : Largest(test.Labels));
            outputs = Math.Max(2, largest + 1);
            return renumbered;
        }

        Array.Fill(renumbered, -1);
        for (int i = 0; i < classes.Count; i++)
        {
            int label = classes[i];
            if (label is < 0 or > byte.MaxValue || !training.Labels.AsSpan().Contains((byte)label))
            {
                throw new HesseException(
                    ExitCode.BadData,
                    $"data.classes: class {label} does not occur in {training.Name}"
                );
            }

            if (renumbered[label] >= 0)
            {
                throw new HesseException(ExitCode.BadData, $"data.classes: class {label} stands there twice");
            }

            renumbered[label] = i;
        }

        outputs = Math.Max(2, classes.Count);
        return renumbered;
    }

    private static int Largest(byte[] labels)
    {
        int largest = 0;
        foreach (byte label in labels)
        {
            largest = Math.Max(largest, label);
        }

        return largest;
    }

    private int[] Rows(int[] renumbered) =>
        [.. Enumerable.Range(0, Labels.Length).Where(row => renumbered[Labels[row]] >= 0)];

    /// <summary>Mean and standard deviation (1/N) in bytes of each column; integer sums, so exact but for the last rounding.</summary>
    private (double[] Mean, double[] Deviation) Statistics(int[] rows, Standardize standardize)
    {
        double[] mean = new double[Dimension];
        double[] deviation = new double[Dimension];
        if (standardize == Standardize.None)
        {
            Array.Fill(deviation, byte.MaxValue);
            return (mean, deviation);
        }

        long[] sum = new long[Dimension];
        long[] squares = new long[Dimension];
        foreach (int row in rows)
        {
            ReadOnlySpan<byte> image = Pixels.AsSpan(row * Dimension, Dimension);
            for (int j = 0; j < image.Length; j++)
            {
                sum[j] += image[j];
                squares[j] += image[j] * image[j];
            }
        }

        int group = standardize == Standardize.Pixel ? 1 : Dimension / Channels;
        for (int from = 0; from < Dimension; from += group)
        {
            long groupSum = sum.AsSpan(from, group).ToArray().Sum();
            long groupSquares = squares.AsSpan(from, group).ToArray().Sum();
            long n = (long)rows.Length * group;
            Int128 variance = ((Int128)n * groupSquares) - ((Int128)groupSum * groupSum);
            mean.AsSpan(from, group).Fill((double)groupSum / n);
            deviation.AsSpan(from, group).Fill(Math.Sqrt((double)variance) / n);
        }

        return (mean, deviation);
    }

    private DataSet Scaled(
        int[] rows,
        int[] renumbered,
        int outputs,
        double[] mean,
        double[] deviation,
        Precision precision
    )
    {
        long length = (long)rows.Length * Dimension;
        if (length > Array.MaxLength)
        {
            throw new HesseException(
                ExitCode.DoesNotFit,
                $"{Name}: {length} numbers are too many for one array; data.count takes fewer samples"
            );
        }

        double[] inputs = new double[length];
        int[] labels = new int[rows.Length];
        for (int n = 0; n < rows.Length; n++)
        {
            ReadOnlySpan<byte> image = Pixels.AsSpan(rows[n] * Dimension, Dimension);
            Span<double> input = inputs.AsSpan(n * Dimension, Dimension);
            for (int j = 0; j < image.Length; j++)
            {
                // A pixel that never changes in training carries nothing: 0, in the test set too.
                double x = deviation[j] == 0 ? 0 : (image[j] - mean[j]) / deviation[j];
                input[j] = precision == Precision.Float32 ? (float)x : x;
            }

            labels[n] = renumbered[Labels[rows[n]]];
        }

        return new DataSet(rows.Length, Dimension, outputs, 1, inputs, labels, targets: null);
    }
}
