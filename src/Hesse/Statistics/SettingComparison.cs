using Hesse.Stores;

namespace Hesse.Statistics;

/// <summary>One number of two settings beside each other.</summary>
/// <param name="Quantity">Name of the array: the quantity, or quantity.part.</param>
/// <param name="Step">The step.</param>
/// <param name="Index">Place in a vector; 0 for a number.</param>
/// <param name="Count">Replicas that are finite in both (paired), or in the one that has fewer.</param>
/// <param name="Diverged">Replicas that are left out of either.</param>
/// <param name="First">Mean of the first setting.</param>
/// <param name="Second">Mean of the second setting.</param>
/// <param name="Difference">Interval of the mean of second - first, replica by replica; null for different seeds.</param>
/// <param name="Distributions">Test of both distributions; null for equal seeds, whose replicas are not independent.</param>
public sealed record ComparedColumn(
    string Quantity,
    int Step,
    int Index,
    int Count,
    int Diverged,
    double First,
    double Second,
    PairedInterval? Difference,
    KolmogorovSmirnov? Distributions
);

/// <summary>
/// Compares two finished settings. Settings of one seed share initial points, data and batches by replica index, so they are compared
/// replica by replica; different seeds are independent, so their distributions are.
/// </summary>
public static class SettingComparison
{
    /// <summary>Every quantity and step that both have; of a vector its two ends.</summary>
    /// <param name="first">Folder of a setting.</param>
    /// <param name="second">Folder of another.</param>
    /// <param name="quantity">Only this one; null for all.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="HesseException">65: one is not complete; 64: they have nothing in common.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<ComparedColumn> Compare(
        string first,
        string second,
        string? quantity = null,
        CancellationToken stop = default
    )
    {
        DiskFiles files = DiskFiles.Instance;
        ResultPaths one = new(first, Planning.Shard.Whole);
        ResultPaths other = new(second, Planning.Shard.Whole);
        ManifestRecord left = Complete(files, one);
        ManifestRecord right = Complete(files, other);
        List<ComparedColumn> columns = [];
        foreach (ArrayRecord array in left.Arrays)
        {
            ArrayLayout layout = ArrayLayout.Of(array);
            ArrayRecord? match = right.Arrays.FirstOrDefault(record =>
                string.Equals(record.File, array.File, StringComparison.Ordinal)
            );
            if (
                match is null
                || layout.Times.Count == 0
                || layout.ElementShape.Count > 1
                || !layout.ElementShape.SequenceEqual(ArrayLayout.Of(match).ElementShape)
                || (quantity is not null && !string.Equals(layout.Quantity, quantity, StringComparison.Ordinal))
            )
            {
                continue;
            }

            using ArrayReader a = new(files, Path.Combine(one.Arrays, array.File));
            using ArrayReader b = new(files, Path.Combine(other.Arrays, match.File));
            columns.AddRange(Columns(layout, a, b, match.Times, left.Seed == right.Seed, left.Seed, stop));
        }

        return columns.Count > 0
            ? columns
            : throw new HesseException(
                ExitCode.Usage,
                $"{first} and {second} have no {quantity ?? "quantity"} of the same shape at the same steps"
            );
    }

    private static IEnumerable<ComparedColumn> Columns(
        ArrayLayout layout,
        ArrayReader first,
        ArrayReader second,
        IReadOnlyList<int> secondTimes,
        bool paired,
        ulong seed,
        CancellationToken stop
    )
    {
        string name = layout.Part is null ? layout.Quantity : $"{layout.Quantity}.{layout.Part}";
        int length = (int)layout.ElementCount;
        int[] places = length == 1 ? [0] : [0, length - 1];
        for (int t = 0; t < layout.Times.Count; t++)
        {
            int there = ((IList<int>)[.. secondTimes]).IndexOf(layout.Times[t]);
            if (there < 0)
            {
                continue;
            }

            foreach (int place in places)
            {
                stop.ThrowIfCancellationRequested();
                double[] a = Column(first, ((long)t * length) + place);
                double[] b = Column(second, ((long)there * length) + place);
                yield return Column(name, layout.Times[t], place, a, b, paired, seed);
            }
        }
    }

    private static ComparedColumn Column(
        string name,
        int step,
        int index,
        double[] first,
        double[] second,
        bool paired,
        ulong seed
    )
    {
        if (!paired)
        {
            double[] a = [.. first.Where(double.IsFinite)];
            double[] b = [.. second.Where(double.IsFinite)];
            int left = first.Length - a.Length + second.Length - b.Length;
            (double meanA, double meanB) = (Mean(a), Mean(b));
            KolmogorovSmirnov test = KolmogorovSmirnov.Of(a, b);
            return new(name, step, index, Math.Min(a.Length, b.Length), left, meanA, meanB, null, test);
        }

        int replicas = Math.Min(first.Length, second.Length);
        int[] kept =
        [
            .. Enumerable.Range(0, replicas).Where(r => double.IsFinite(first[r]) && double.IsFinite(second[r])),
        ];
        double[] differences = [.. kept.Select(r => second[r] - first[r])];
        return new(
            name,
            step,
            index,
            kept.Length,
            replicas - kept.Length,
            Mean([.. kept.Select(r => first[r])]),
            Mean([.. kept.Select(r => second[r])]),
            PairedInterval.Of(differences, seed),
            null
        );
    }

    private static double Mean(double[] values) => values.Length == 0 ? double.NaN : values.Average();

    private static double[] Column(ArrayReader reader, long column)
    {
        double[] values = new double[reader.Rows];
        reader.ReadColumns(column, 1, values);
        return values;
    }

    private static ManifestRecord Complete(DiskFiles files, ResultPaths paths)
    {
        ManifestRecord manifest = ManifestFile.Read(files, paths);
        return manifest.Complete
            ? manifest
            : throw new HesseException(
                ExitCode.BadData,
                $"{paths.Root} is not complete yet; finish the run, or join its shards with hesse merge"
            );
    }
}
