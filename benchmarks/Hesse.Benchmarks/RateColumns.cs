using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>A size at which a kernel is measured, and the useful floating-point operations of one invocation.</summary>
public interface IWork
{
    /// <summary>Useful operations; padding and repeated work do not count.</summary>
    double Flops { get; }

    /// <summary>Arithmetic, which decides the peak.</summary>
    Precision Precision { get; }

    /// <summary>Threads, whose peaks add up.</summary>
    int Threads { get; }
}

/// <summary>GFLOP/s at the median, and its share of the multiply-add peak of this machine, measured in the same run.</summary>
internal static class RateColumns
{
    private static readonly Lazy<double> s_single = new(() => Median(PeakFma.Measure<float>));
    private static readonly Lazy<double> s_double = new(() => Median(PeakFma.Measure<double>));

    /// <summary>The configuration of all benchmarks: both columns, and bytes allocated.</summary>
    public static IConfig Config =>
        ManualConfig
            .Create(DefaultConfig.Instance)
            .AddColumn(StatisticColumn.Median)
            .AddColumn(new RateColumn("GFLOP/s", (work, seconds) => work.Flops / seconds / 1e9))
            .AddColumn(new RateColumn("Share of peak", (work, seconds) => work.Flops / seconds / 1e9 / Peak(work)))
            .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default);

    private static double Peak(IWork work) =>
        work.Threads * (work.Precision == Precision.Float32 ? s_single : s_double).Value;

    private static double Median(Func<double> measure)
    {
        double[] peaks = [.. Enumerable.Range(0, 15).Select(_ => measure()).Order()];
        return peaks[peaks.Length / 2];
    }

    private sealed class RateColumn(string name, Func<IWork, double, double> rate) : IColumn
    {
        public string Id => name;

        public string ColumnName => name;

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => $"{name} of the useful operations at the median";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            double? nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Median;
            return nanoseconds is double median && benchmarkCase.Parameters["Work"] is IWork work
                ? rate(work, median * 1e-9).ToString("F2")
                : "-";
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
            GetValue(summary, benchmarkCase);

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public bool IsAvailable(Summary summary) => true;
    }
}
