using Hesse.Statistics;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Statistics;

[Trait("Category", "Numerical")]
public sealed class ReplicaStatisticsTests
{
    // Sums of some hundred numbers of size one in another order.
    private const double Rounding = 1e-12;
    private static readonly double[] Levels = [0, 0.05, 0.5, 0.95, 1];

    [Fact]
    public void Summaries_equal_a_direct_computation_column_by_column()
    {
        const int replicas = 131;
        const int columns = 101;
        double[] values = Values(replicas, columns);
        values[(5 * columns) + 3] = double.NaN;
        values[(9 * columns) + 3] = double.PositiveInfinity;
        values[(9 * columns) + 4] = double.NaN;
        Bootstrap bootstrap = new(seed: 11, replicas);

        ColumnSummary[] summaries = ReplicaStatistics.Summarise(values, columns, Levels, bootstrap, threads: 2);

        for (int c = 0; c < columns; c++)
        {
            int[] kept = [.. Enumerable.Range(0, replicas).Where(r => double.IsFinite(values[(r * columns) + c]))];
            double[] column = [.. kept.Select(r => values[(r * columns) + c])];
            double mean = column.Average();
            double deviation = Math.Sqrt(column.Sum(x => (x - mean) * (x - mean)) / (column.Length - 1));
            summaries[c].Count.ShouldBe(column.Length);
            summaries[c].Diverged.ShouldBe(replicas - column.Length);
            summaries[c].Mean.ShouldBe(mean, Rounding);
            summaries[c].StandardDeviation.ShouldBe(deviation, Rounding);
            Array.Sort(column);
            summaries[c].Quantiles[0].ShouldBe(column[0]);
            summaries[c].Quantiles[4].ShouldBe(column[^1]);
            double[] means =
            [
                .. Enumerable
                    .Range(0, Bootstrap.Resamples)
                    .Select(b =>
                        kept.Sum(r => bootstrap.Counts(b)[r] * values[(r * columns) + c])
                        / kept.Sum(r => (double)bootstrap.Counts(b)[r])
                    )
                    .Order(),
            ];
            summaries[c].IntervalLow.ShouldBe(ReplicaStatistics.Quantile(means, 0.025), Rounding);
            summaries[c].IntervalHigh.ShouldBe(ReplicaStatistics.Quantile(means, 0.975), Rounding);
        }
    }

    [Fact]
    public void Numbers_do_not_depend_on_threads_or_neighbouring_columns()
    {
        const int replicas = 40;
        double[] values = Values(replicas, 100);
        Bootstrap bootstrap = new(seed: 3, replicas);
        ColumnSummary[] together = ReplicaStatistics.Summarise(values, 100, Levels, bootstrap, threads: 3);
        double[] column = [.. Enumerable.Range(0, replicas).Select(r => values[(r * 100) + 77])];

        ColumnSummary alone = ReplicaStatistics.Summarise(column, 1, Levels, bootstrap, threads: 1)[0];

        alone.Mean.ShouldBe(together[77].Mean);
        alone.StandardDeviation.ShouldBe(together[77].StandardDeviation);
        alone.IntervalLow.ShouldBe(together[77].IntervalLow);
        alone.Quantiles.ShouldBe(together[77].Quantiles);
    }

    [Fact]
    public void Quantiles_interpolate_as_numpy_does()
    {
        // numpy.quantile([1, 2, 4, 8], [0.1, 0.5, 0.9])
        ReplicaStatistics.Quantile([1, 2, 4, 8], 0.1).ShouldBe(1.3, Rounding);
        ReplicaStatistics.Quantile([1, 2, 4, 8], 0.5).ShouldBe(3);
        ReplicaStatistics.Quantile([1, 2, 4, 8], 0.9).ShouldBe(6.8, Rounding);
    }

    [Fact]
    public void A_column_without_finite_values_is_counted_and_not_a_number()
    {
        Bootstrap bootstrap = new(seed: 3, 2);
        double[] bad = [double.NaN, double.NegativeInfinity];
        ColumnSummary summary = ReplicaStatistics.Summarise(bad, 1, Levels, bootstrap, threads: 1)[0];
        summary.Count.ShouldBe(0);
        summary.Diverged.ShouldBe(2);
        double.IsNaN(summary.Mean).ShouldBeTrue();
        double.IsNaN(summary.IntervalLow).ShouldBeTrue();
        double.IsNaN(summary.Quantiles[0]).ShouldBeTrue();
    }

    [Fact]
    public void One_replica_has_a_mean_without_spread()
    {
        double[] one = [2.5];
        ColumnSummary summary = ReplicaStatistics.Summarise(one, 1, Levels, new Bootstrap(0, 1), threads: 1)[0];
        summary.Mean.ShouldBe(2.5);
        summary.IntervalLow.ShouldBe(2.5);
        summary.IntervalHigh.ShouldBe(2.5);
        double.IsNaN(summary.StandardDeviation).ShouldBeTrue();
    }

    [Fact]
    public void Every_resample_has_as_many_replicas_as_there_are()
    {
        Bootstrap bootstrap = new(seed: 5, replicas: 37);
        for (int b = 0; b < Bootstrap.Resamples; b++)
        {
            bootstrap.Counts(b).ToArray().Sum(count => count).ShouldBe(37);
        }
    }

    private static double[] Values(int replicas, int columns)
    {
        double[] values = new double[replicas * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Math.Sin((double)i * i);
        }

        return values;
    }
}
