using Hesse.Data;

namespace Hesse.Observables;

/// <summary>Evaluates a quantity a few replicas at a time: bounds the work space and the time until a stop is heard.</summary>
internal static class Slices
{
    private const int LeastShared = 16;

    // Values up to so many numbers, work space included, take no time worth a stop: every thread gets a register's worth of replicas.
    private const long Small = 1 << 15;
    private const int Lanes = 16;

    private const long MostBytes = 64L << 20;

    /// <summary>Replicas that are evaluated at once.</summary>
    /// <param name="elements">Numbers of one replica's value.</param>
    /// <param name="threads">Threads that share them: two large replicas each, so that none waits long.</param>
    public static int Size(long elements, int threads) =>
        (int)
            Math.Clamp(
                MostBytes / (sizeof(double) * Math.Max(1, elements)),
                1,
                Math.Max(LeastShared, (elements <= Small ? Lanes : 2) * threads)
            );

    /// <summary>The sets of some replicas: the shared set itself, or a copy of theirs.</summary>
    public static DataSet Choose(DataSet data, ReadOnlySpan<int> replicas)
    {
        if (data.Sets == 1)
        {
            return data;
        }

        double[] inputs = new double[replicas.Length * data.Samples * data.Dimension];
        int[]? labels = data.Labels is null ? null : new int[replicas.Length * data.Samples];
        double[]? targets = data.Targets is null ? null : new double[replicas.Length * data.Samples * data.Outputs];
        for (int i = 0; i < replicas.Length; i++)
        {
            data.InputsOf(replicas[i]).CopyTo(inputs.AsSpan(i * data.Samples * data.Dimension));
            if (labels is not null)
            {
                data.LabelsOf(replicas[i]).CopyTo(labels.AsSpan(i * data.Samples));
            }

            if (targets is not null)
            {
                data.TargetsOf(replicas[i]).CopyTo(targets.AsSpan(i * data.Samples * data.Outputs));
            }
        }

        return new DataSet(data.Samples, data.Dimension, data.Outputs, replicas.Length, inputs, labels, targets);
    }

    /// <summary>A set for each replica, made of rows of its own. (R,count)</summary>
    /// <param name="data">One set or R sets.</param>
    /// <param name="rows">Numbers of the rows, the same count for every replica.</param>
    /// <param name="owners">The sets that the rows are of, when not one set for each of them.</param>
    public static DataSet ChooseRows(DataSet data, int[][] rows, int[]? owners = null)
    {
        int count = rows[0].Length;
        int width = data.Dimension;
        double[] inputs = new double[rows.Length * count * width];
        int[]? labels = data.Labels is null ? null : new int[rows.Length * count];
        double[]? targets = data.Targets is null ? null : new double[rows.Length * count * data.Outputs];
        for (int r = 0; r < rows.Length; r++)
        {
            int set = owners?[r] ?? r;
            for (int b = 0; b < count; b++)
            {
                int from = rows[r][b];
                int to = (r * count) + b;
                data.InputsOf(set).Slice(from * width, width).CopyTo(inputs.AsSpan(to * width));
                if (labels is not null)
                {
                    labels[to] = data.LabelsOf(set)[from];
                }

                if (targets is not null)
                {
                    data.TargetsOf(set)
                        .Slice(from * data.Outputs, data.Outputs)
                        .CopyTo(targets.AsSpan(to * data.Outputs));
                }
            }
        }

        return new DataSet(count, width, data.Outputs, rows.Length, inputs, labels, targets);
    }

    /// <summary>Rows of some replicas, one after the other. (replicas, width)</summary>
    public static double[] Choose(ReadOnlySpan<double> rows, int width, ReadOnlySpan<int> replicas)
    {
        double[] chosen = new double[replicas.Length * width];
        for (int i = 0; i < replicas.Length; i++)
        {
            rows.Slice(replicas[i] * width, width).CopyTo(chosen.AsSpan(i * width));
        }

        return chosen;
    }
}
