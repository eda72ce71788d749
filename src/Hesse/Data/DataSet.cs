using Hesse.Networks;

namespace Hesse.Data;

/// <summary>
/// Samples and what they should map to. One set for all replicas, or one for each replica of a wave.
/// Values are exact in the training precision they were rounded to; double holds them all.
/// </summary>
public sealed class DataSet
{
    /// <summary>Wraps arrays; they are not copied and must not change afterwards.</summary>
    /// <param name="samples">N</param>
    /// <param name="dimension">d</param>
    /// <param name="outputs">C: classes, or columns of the targets.</param>
    /// <param name="sets">1 for a shared set, else the number of replicas R.</param>
    /// <param name="inputs">(N,d) or (R,N,d)</param>
    /// <param name="labels">(N) or (R,N) classes 0 .. C-1, or null</param>
    /// <param name="targets">(N,C) or (R,N,C), or null</param>
    /// <exception cref="HesseException">A length does not fit, a value is not finite, or a label is out of range.</exception>
    public DataSet(int samples, int dimension, int outputs, int sets, double[] inputs, int[]? labels, double[]? targets)
    {
        Samples = samples;
        Dimension = dimension;
        Outputs = outputs;
        Sets = sets;
        Inputs = inputs;
        Labels = labels;
        Targets = targets;
        Check(
            inputs.Length == checked((long)sets * samples * dimension),
            "inputs do not have the shape (N,d) or (R,N,d)"
        );
        Check(labels is not null || targets is not null, "a data set needs labels or targets");
        Check(labels is null || labels.Length == (long)sets * samples, "labels do not have the shape (N) or (R,N)");
        Check(
            targets is null || targets.Length == checked((long)sets * samples * outputs),
            "targets do not have the shape (N,C) or (R,N,C)"
        );
        int bad = Array.FindIndex(inputs, x => !double.IsFinite(x));
        Check(
            bad < 0,
            $"input row {(samples > 0 ? bad / Math.Max(1, dimension) % samples : 0)} holds a value that is not finite"
        );
        bad = targets is null ? -1 : Array.FindIndex(targets, x => !double.IsFinite(x));
        Check(
            bad < 0,
            $"target row {(samples > 0 ? bad / Math.Max(1, outputs) % samples : 0)} holds a value that is not finite"
        );
        bad = labels is null ? -1 : Array.FindIndex(labels, y => y < 0 || y >= Math.Max(2, outputs));
        Check(
            bad < 0,
            $"label {(bad < 0 ? 0 : labels![bad])} of row {bad % Math.Max(1, samples)} is not a class 0 .. {Math.Max(2, outputs) - 1}"
        );
    }

    private DataSet(DataSet like, int samples, int sets, double[] inputs, int[]? labels, double[]? targets)
    {
        Samples = samples;
        Dimension = like.Dimension;
        Outputs = like.Outputs;
        Sets = sets;
        Inputs = inputs;
        Labels = labels;
        Targets = targets;
    }

    /// <summary>N</summary>
    public int Samples { get; }

    /// <summary>d</summary>
    public int Dimension { get; }

    /// <summary>C</summary>
    public int Outputs { get; }

    /// <summary>1 for a shared set, else the number of replicas that have their own.</summary>
    public int Sets { get; }

    /// <summary>(N,d) or (R,N,d)</summary>
    public double[] Inputs { get; }

    /// <summary>(N) or (R,N)</summary>
    public int[]? Labels { get; }

    /// <summary>(N,C) or (R,N,C)</summary>
    public double[]? Targets { get; }

    /// <summary>The inputs of replica r of the wave, (N,d).</summary>
    public ReadOnlySpan<double> InputsOf(int replica) =>
        Inputs.AsSpan((Sets == 1 ? 0 : replica) * Samples * Dimension, Samples * Dimension);

    /// <summary>The labels of replica r of the wave, (N).</summary>
    public ReadOnlySpan<int> LabelsOf(int replica) => Labels.AsSpan((Sets == 1 ? 0 : replica) * Samples, Samples);

    /// <summary>The targets of replica r of the wave, (N,C).</summary>
    public ReadOnlySpan<double> TargetsOf(int replica) =>
        Targets.AsSpan((Sets == 1 ? 0 : replica) * Samples * Outputs, Samples * Outputs);

    /// <summary>
    /// The same samples in the form that a loss reads: labels for cross-entropy, which rows of targets that are exactly one-hot (one 1,
    /// else 0) become; for the others targets, where class labels become one-hot 0/1 rows (logistic: the label itself, 0 or 1).
    /// </summary>
    /// <exception cref="HesseException">The loss cannot be computed from what the set holds.</exception>
    public DataSet ForNetwork(Network network)
    {
        Check(
            Dimension == network.InputWidth,
            $"the inputs have {Dimension} columns, the network takes {network.InputWidth}"
        );
        int width = network.OutputWidth;
        if (network.Loss == Loss.CrossEntropy)
        {
            if (Labels is null)
            {
                Check(Outputs == width, $"the targets have {Outputs} columns, the network has {width} outputs");
                return new DataSet(this, Samples, Sets, Inputs, ClassesOf(Targets, width), Targets);
            }

            int largest = Labels.Length == 0 ? 0 : Labels.Max();
            Check(largest < width, $"label {largest} is out of range: the network has {width} outputs");
            return this;
        }

        if (Targets is not null)
        {
            Check(Outputs == width, $"the targets have {Outputs} columns, the network has {width} outputs");
            return this;
        }

        double[] targets = new double[(long)Labels!.Length * width];
        for (int row = 0; row < Labels.Length; row++)
        {
            int label = Labels[row];
            if (network.Loss == Loss.Logistic)
            {
                Check(label < 2, $"label {label} is out of range: loss logistic takes 0 and 1");
                targets[row] = label;
            }
            else
            {
                Check(label < width, $"label {label} is out of range: the network has {width} outputs");
                targets[((long)row * width) + label] = 1;
            }
        }

        return new DataSet(Samples, Dimension, width, Sets, Inputs, Labels, targets);
    }

    /// <summary>Rows of a set, which were checked with it.</summary>
    /// <param name="like">The set.</param>
    /// <param name="samples">Rows in each of the new sets.</param>
    /// <param name="sets">Number of new sets.</param>
    /// <param name="inputs">(sets,samples,d)</param>
    /// <param name="labels">(sets,samples), or null</param>
    /// <param name="targets">(sets,samples,C), or null</param>
    internal static DataSet OfCheckedRows(
        DataSet like,
        int samples,
        int sets,
        double[] inputs,
        int[]? labels,
        double[]? targets
    ) => new(like, samples, sets, inputs, labels, targets);

    /// <summary>The classes that one-hot rows stand for.</summary>
    /// <param name="targets">(rows,C)</param>
    /// <param name="width">C</param>
    /// <exception cref="HesseException">65: a row is something else.</exception>
    internal static int[] ClassesOf(ReadOnlySpan<double> targets, int width)
    {
        int[] classes = new int[targets.Length / width];
        for (int row = 0; row < classes.Length; row++)
        {
            ReadOnlySpan<double> one = targets.Slice(row * width, width);
            int place = one.IndexOf(1);
            Check(
                place >= 0 && !one[..place].ContainsAnyExcept(0.0) && !one[(place + 1)..].ContainsAnyExcept(0.0),
                $"loss cross-entropy needs classes: integer labels, or rows of targets with one 1 and else 0; row {row} is something else"
            );
            classes[row] = place;
        }

        return classes;
    }

    /// <summary>The sets of several data sets of one form, one after the other.</summary>
    internal static DataSet Joined(IReadOnlyList<DataSet> parts) =>
        OfCheckedRows(
            parts[0],
            parts[0].Samples,
            parts.Sum(part => part.Sets),
            [.. parts.SelectMany(part => part.Inputs)],
            parts[0].Labels is null ? null : [.. parts.SelectMany(part => part.Labels!)],
            parts[0].Targets is null ? null : [.. parts.SelectMany(part => part.Targets!)]
        );

    /// <summary>Some of the sets, which follow each other.</summary>
    internal DataSet Part(int first, int count)
    {
        int inputs = Samples * Dimension;
        int targets = Samples * Outputs;
        return OfCheckedRows(
            this,
            Samples,
            count,
            Inputs[(first * inputs)..((first + count) * inputs)],
            Labels?[(first * Samples)..((first + count) * Samples)],
            Targets?[(first * targets)..((first + count) * targets)]
        );
    }

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new HesseException(ExitCode.BadData, otherwise);
        }
    }
}

/// <summary>
/// Where the samples of an experiment come from: one data set for all replicas, or one for each. A pure function of
/// (specification, seed, replica index).
/// </summary>
public interface IDataSource
{
    /// <summary>d</summary>
    int Dimension { get; }

    /// <summary>C: classes, or columns of the targets.</summary>
    int Outputs { get; }

    /// <summary>N</summary>
    int Samples { get; }

    /// <summary>Number of test samples, 0 for none.</summary>
    int TestSamples { get; }

    /// <summary>Whether every replica has its own set.</summary>
    bool PerReplica { get; }

    /// <summary>SHA-256 (lower-case hex) of the files that enter, in a fixed order; empty for generated data.</summary>
    string ContentHash { get; }

    /// <summary>Training samples of replicas first .. first+count-1 (one shared set unless <see cref="PerReplica"/>).</summary>
    DataSet Training(int first, int count);

    /// <summary>Test samples, or null when there are none.</summary>
    DataSet? Test(int first, int count);
}
