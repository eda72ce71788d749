using System.Diagnostics;
using Hesse.Backends;
using Hesse.Backends.Cpu;

namespace Hesse.Benchmarks;

/// <summary>
/// SGD steps with their share of the multiply-add peak; peak and training alternate. Two shares: of processor time, in which
/// neighbours on a busy machine enter only through the caches, and of the clock, which also sees threads waiting for each other.
/// </summary>
internal static class TrainingShort
{
    private const int Repeats = 15;

    /// <summary>Every work of <see cref="TrainingStepBenchmarks"/>, or those whose name contains one of the words.</summary>
    public static void Run(IReadOnlyList<string> words)
    {
        if (words.FirstOrDefault(word => !TrainingStepBenchmarks.Works.Any(work => IsIn(word, work))) is { } unknown)
        {
            throw new UnknownWordException(
                $"unknown: {unknown}; there are {string.Join("; ", TrainingStepBenchmarks.Works)}"
            );
        }

        Console.WriteLine(
            "| net | batch | replicas | threads | replica-steps/s of processor time | GFLOP/s a core | peak a core | share | share by the clock |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (TrainingWork work in TrainingStepBenchmarks.Works)
        {
            if (words.Count == 0 || words.Any(word => IsIn(word, work)))
            {
                TrainingRate rate = TrainingRate.Measure(work, Repeats);
                Console.WriteLine(
                    $"| {string.Join('-', work.Widths)} | {work.Batch} | {work.Replicas} | {work.Threads} | "
                        + $"{rate.StepsPerSecond:N0} | {rate.Gigaflops:F1} | {rate.Peak:F1} | {rate.Share:F2} | {rate.ClockShare:F2} |"
                );
            }
        }
    }

    private static bool IsIn(string word, TrainingWork work) => $"{work}".Contains(word, StringComparison.Ordinal);
}

/// <summary>How fast one work trains.</summary>
/// <param name="StepsPerSecond">Replica-steps in a second of processor time.</param>
/// <param name="Gigaflops">Useful operations in a nanosecond of processor time.</param>
/// <param name="Peak">Multiply-add peak of a core in the same turns, GFLOP/s.</param>
/// <param name="ClockShare">Share of the peak of all threads, by the clock.</param>
internal sealed record TrainingRate(double StepsPerSecond, double Gigaflops, double Peak, double ClockShare)
{
    private const double WarmUpSeconds = 0.3;

    // Below this the clock of processor time is too coarse.
    private const double TurnSeconds = 0.02;

    /// <summary>Share of the peak, by processor time.</summary>
    public double Share => Gigaflops / Peak;

    /// <summary>Medians over turns of the peak and of the work.</summary>
    public static TrainingRate Measure(TrainingWork work, int repeats)
    {
        using CpuBackend backend = new(work.Threads);
        using IReplicas replicas = backend.CreateReplicas(work.Problem(), 0, work.Replicas);
        // The just-in-time compiler needs some calls and some time until its last word.
        int calls = 0;
        double warm = 0;
        for (TimeSpan begin = Environment.CpuUsage.TotalTime; warm < WarmUpSeconds; calls++)
        {
            replicas.Advance(work.Steps);
            warm = (Environment.CpuUsage.TotalTime - begin).TotalSeconds;
        }

        int times = Math.Max(1, (int)(TurnSeconds * calls / warm));
        double[] peaks = new double[repeats];
        double[] processor = new double[repeats];
        double[] clock = new double[repeats];
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            peaks[repeat] = PeakFma.Measure<float>();
            TimeSpan used = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            for (int call = 0; call < times; call++)
            {
                replicas.Advance(work.Steps);
            }

            clock[repeat] = Stopwatch.GetElapsedTime(start).TotalSeconds / times;
            processor[repeat] = (Environment.CpuUsage.TotalTime - used).TotalSeconds / times;
        }

        double peak = Median(peaks);
        double seconds = Median(processor);
        return new(
            work.Replicas * (double)work.Steps / seconds,
            work.Flops / seconds / 1e9,
            peak,
            work.Flops / Median(clock) / 1e9 / (work.Threads * peak)
        );
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
