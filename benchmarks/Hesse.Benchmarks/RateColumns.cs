using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Parameters;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>What one invocation of a kernel does at least, whatever the code does.</summary>
/// <param name="Flops">Useful operations; padding and repeated work do not count.</param>
/// <param name="Bytes">What must move: arrays that are read and written, each once.</param>
/// <param name="Precision">Arithmetic, which decides the peak.</param>
/// <param name="Threads">Threads, whose peaks add up.</param>
public sealed record Work(double Flops, double Bytes, Precision Precision, int Threads);

/// <summary>A class whose benchmarks have rates.</summary>
public interface IRated
{
    /// <summary>What an invocation of one of its benchmarks does with the parameters at hand.</summary>
    /// <param name="benchmark">Name of the method.</param>
    Work Work(string benchmark);
}

/// <summary>
/// GFLOP/s at the median, its share of the multiply-add peak of this machine, measured in the same run, and GB/s, which is the bound where the
/// share is small; and the rate over that of the reference backend, per operation, because that one does a small part of the work.
/// </summary>
internal static class RateColumns
{
    private static readonly Lazy<double> s_single = new(() => Median(PeakFma.Measure<float>));
    private static readonly Lazy<double> s_double = new(() => Median(PeakFma.Measure<double>));

    /// <summary>The configuration of all benchmarks: these columns, and bytes allocated.</summary>
    public static IConfig Config =>
        ManualConfig
            .Create(DefaultConfig.Instance)
            .AddColumn(StatisticColumn.Median)
            .AddColumn(new RateColumn("GFLOP/s", (work, seconds) => work.Flops / seconds / 1e9))
            .AddColumn(new RateColumn("Share of peak", (work, seconds) => work.Flops / seconds / 1e9 / Peak(work)))
            .AddColumn(new RateColumn("GB/s", (work, seconds) => work.Bytes / seconds / 1e9))
            .AddColumn(new RateColumn("Times reference", (work, seconds) => work.Flops / seconds, overBaseline: true))
            // The reference backend does a small part of the work: times of the whole say nothing beside its.
            .HideColumns(Column.Ratio, Column.RatioSD, Column.AllocRatio)
            .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default);

    private static double Peak(Work work) =>
        work.Threads * (work.Precision == Precision.Float32 ? s_single : s_double).Value;

    private static double Median(Func<double> measure)
    {
        double[] peaks = [.. Enumerable.Range(0, 15).Select(_ => measure()).Order()];
        return peaks[peaks.Length / 2];
    }

    private sealed class RateColumn(string name, Func<Work, double, double> rate, bool overBaseline = false) : IColumn
    {
        public string Id => name;

        public string ColumnName => name;

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => $"{name} of what the work needs at least, at the median";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            double? value = Rate(summary, benchmarkCase);
            if (overBaseline)
            {
                BenchmarkCase? baseline = summary.BenchmarksCases.FirstOrDefault(one =>
                    one.Descriptor.Baseline
                    && string.Equals(
                        one.Parameters.DisplayInfo,
                        benchmarkCase.Parameters.DisplayInfo,
                        StringComparison.Ordinal
                    )
                );
                value = baseline is null ? null : value / Rate(summary, baseline);
            }

            return value?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";
        }

        private double? Rate(Summary summary, BenchmarkCase benchmarkCase) =>
            summary[benchmarkCase]?.ResultStatistics?.Median is double nanoseconds && Of(benchmarkCase) is { } work
                ? rate(work, nanoseconds * 1e-9)
                : null;

        // Asked of an instance of its own: those that ran were in processes of theirs.
        private static Work? Of(BenchmarkCase benchmarkCase)
        {
            if (Activator.CreateInstance(benchmarkCase.Descriptor.Type) is not IRated rated)
            {
                return null;
            }

            foreach (ParameterInstance parameter in benchmarkCase.Parameters.Items)
            {
                benchmarkCase.Descriptor.Type.GetProperty(parameter.Name)!.SetValue(rated, parameter.Value);
            }

            return rated.Work(benchmarkCase.Descriptor.WorkloadMethod.Name);
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
            GetValue(summary, benchmarkCase);

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public bool IsAvailable(Summary summary) => true;
    }
}
