using System.Numerics.Tensors;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>
/// The rows of each worker. iid: all rows for everyone. by-class: with the largest label C - 1 and M workers, class c belongs to worker
/// floor(c M / C) where M &lt;= C; where M > C, worker m has class floor(m C / M) and the rows of a class are dealt in turns to its
/// workers. Rows keep their order.
/// </summary>
internal static class WorkerShares
{
    /// <summary>Row numbers of each worker, null for all rows. (M)</summary>
    /// <param name="workers">How many, and how the rows are split.</param>
    /// <param name="data">The training samples; sets of their own must agree on the labels.</param>
    /// <exception cref="HesseException">65: there are no class labels, replicas differ in them, or a worker gets no row.</exception>
    public static int[]?[] Of(WorkersSpec workers, DataSet data)
    {
        if (workers.Split == WorkerSplit.Iid)
        {
            return new int[]?[workers.Count];
        }

        if (data.Labels is null)
        {
            throw Fault("by-class needs class labels; the data has targets without classes, so use split: iid");
        }

        ReadOnlySpan<int> labels = data.LabelsOf(0);
        for (int set = 1; set < data.Sets; set++)
        {
            if (!labels.SequenceEqual(data.LabelsOf(set)))
            {
                throw Fault("by-class needs the same labels in every replica");
            }
        }

        List<int>[] rows = [.. Enumerable.Range(0, workers.Count).Select(_ => new List<int>())];
        int classes = TensorPrimitives.Max(labels) + 1;
        int[] seen = new int[classes];
        for (int row = 0; row < labels.Length; row++)
        {
            int label = labels[row];
            rows[Owner(label, seen[label]++, classes, workers.Count)].Add(row);
        }

        int empty = Array.FindIndex(rows, share => share.Count == 0);
        if (empty >= 0)
        {
            throw Fault($"by-class leaves worker {empty} of {workers.Count} without samples; use fewer workers");
        }

        return [.. rows.Select(share => share.ToArray())];
    }

    /// <summary>Refuses workers that the data cannot serve, before anything is written.</summary>
    /// <exception cref="HesseException">65: as <see cref="Of"/>, or labels that cannot be flipped.</exception>
    public static void Require(WorkersSpec workers, IDataSource data, Network network)
    {
        bool flips = workers.Attackers is { Attack: Attack.LabelFlip };
        if (workers.Split == WorkerSplit.Iid && !flips)
        {
            return;
        }

        DataSet training = data.Training(0, 1);
        Of(workers, training);
        if (flips)
        {
            ByzantineAttack.Flipped(training, network);
        }
    }

    // The owner of the n-th row of a class.
    private static int Owner(int label, int n, int classes, int workers)
    {
        if (workers <= classes)
        {
            return (int)((long)label * workers / classes);
        }

        // Workers m with floor(m C / M) = c: from ceil(c M / C) to before ceil((c + 1) M / C).
        int from = (int)((((long)label * workers) + classes - 1) / classes);
        int to = (int)((((label + 1L) * workers) + classes - 1) / classes);
        return from + (n % (to - from));
    }

    private static HesseException Fault(string message) => new(ExitCode.BadData, $"training.workers.split: {message}");
}
