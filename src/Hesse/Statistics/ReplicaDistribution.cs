namespace Hesse.Statistics;

/// <summary>One number over the replicas, without a bootstrap. Values that are not finite (diverged replicas) are left out, and counted.</summary>
/// <param name="Count">n, the replicas with a finite value.</param>
/// <param name="Diverged">The replicas without one.</param>
/// <param name="Mean">Mean over the n.</param>
/// <param name="StandardDeviation">With n - 1 in the denominator; NaN for n &lt; 2.</param>
/// <param name="Quantiles">One for each level, as <see cref="ReplicaStatistics.Quantile"/> defines them.</param>
internal sealed record ReplicaDistribution(
    int Count,
    int Diverged,
    double Mean,
    double StandardDeviation,
    IReadOnlyList<double> Quantiles
)
{
    /// <summary>The distribution of every column.</summary>
    /// <param name="values">(R, columns)</param>
    /// <param name="columns">Numbers of one replica.</param>
    /// <param name="levels">Quantile levels in [0, 1].</param>
    public static ReplicaDistribution[] OfColumns(double[] values, int columns, IReadOnlyList<double> levels)
    {
        ReplicaDistribution[] result = new ReplicaDistribution[columns];
        int replicas = columns == 0 ? 0 : values.Length / columns;
        Parallel.For(
            0,
            columns,
            () => new double[replicas],
            (column, _, work) =>
            {
                for (int r = 0; r < replicas; r++)
                {
                    work[r] = values[((long)r * columns) + column];
                }

                result[column] = Of(work, levels);
                return work;
            },
            _ => { }
        );
        return result;
    }

    /// <summary>The distribution of some values, which are reordered.</summary>
    public static ReplicaDistribution Of(Span<double> values, IReadOnlyList<double> levels)
    {
        ReplicaMoments moments = ReplicaAccumulator.Of(values);
        int count = 0;
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                values[count++] = value;
            }
        }

        Span<double> kept = values[..count];
        kept.Sort();
        double[] quantiles = new double[levels.Count];
        for (int i = 0; i < quantiles.Length; i++)
        {
            quantiles[i] = ReplicaStatistics.Quantile(kept, levels[i]);
        }

        double mean = count == 0 ? double.NaN : moments.Mean;
        return new ReplicaDistribution(count, moments.Diverged, mean, moments.StandardDeviation, quantiles);
    }
}
