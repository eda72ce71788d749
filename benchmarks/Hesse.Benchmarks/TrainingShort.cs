using System.Diagnostics;
using Hesse.Backends;
using Hesse.Backends.Cpu;

namespace Hesse.Benchmarks;

/// <summary>SGD steps with their share of the multiply-add peak; peak and training alternate, so that a busy machine slows both.</summary>
internal static class TrainingShort
{
    private const int Repeats = 15;

    /// <summary>Every work of <see cref="TrainingStepBenchmarks"/>.</summary>
    public static void Run()
    {
        foreach (TrainingWork work in TrainingStepBenchmarks.Works)
        {
            Report(work);
        }
    }

    private static void Report(TrainingWork work)
    {
        using CpuBackend backend = new(work.Threads);
        using IReplicas replicas = backend.CreateReplicas(work.Problem(), 0, work.Replicas);
        replicas.Advance(work.Steps);
        double[] peaks = new double[Repeats];
        double[] rates = new double[Repeats];
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            peaks[repeat] = work.Threads * PeakFma.Measure<float>();
            long start = Stopwatch.GetTimestamp();
            replicas.Advance(work.Steps);
            rates[repeat] = work.Flops / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
        }

        Array.Sort(peaks);
        Array.Sort(rates);
        double rate = rates[Repeats / 2];
        double peak = peaks[Repeats / 2];
        double steps = rate * 1e9 / work.Flops * work.Replicas * work.Steps;
        Console.WriteLine(
            $"training {work, -36} {steps, 10:F0} replica-steps/s {rate, 7:F1} GFLOP/s, peak {peak, 6:F1}, share {rate / peak:F2}"
        );
    }
}
