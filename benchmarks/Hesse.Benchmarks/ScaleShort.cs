using System.Diagnostics;
using System.Runtime.Intrinsics;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>
/// What a core multiplies and reads, and cost curves over replicas, steps a call, width, depth, batch, parameters and samples, as Markdown tables for docs/measurements/scale.md.
/// One thread, processor time, medians; the peak of the same turns beside them.
/// </summary>
internal static class ScaleShort
{
    private static readonly int[] Widths = [4, 8, 16, 30, 48, 64, 80, 96, 128, 256, 512];
    private static readonly int[] Depths = [0, 1, 2, 4, 8, 16];

    // Sizes for the caches of most machines; the last fits none.
    private static readonly (string Name, long Bytes)[] s_arrays =
    [
        ("16 KB", 16L << 10),
        ("256 KB", 256L << 10),
        ("4 MB", 4L << 20),
        ("16 MB", 16L << 20),
        ("256 MB", 256L << 20),
    ];

    private const int Repeats = 7;

    /// <summary>All tables, or those whose name is given.</summary>
    public static void Run(IReadOnlyList<string> tables)
    {
        (string Name, Action Table)[] all =
        [
            ("roofline", Roofline),
            ("replicas", OverReplicas),
            ("width", OverWidth),
            ("depth", OverDepth),
            ("layouts", OverLayouts),
            ("batch", OverBatch),
            ("parameters", OverParameters),
            ("samples", OverSamples),
        ];
        ShortWords.Require(tables, all.Select(one => one.Name));
        foreach ((string name, Action table) in all)
        {
            if (tables.Count == 0 || tables.Contains(name, StringComparer.Ordinal))
            {
                table();
                Console.WriteLine();
            }
        }
    }

    // What a core multiplies and what it reads from caches and memory, in turns.
    private static void Roofline()
    {
        Console.WriteLine(
            "| array | read by one core, GB/s | multiply-add peak, GFLOP/s | operations a byte at the peak |"
        );
        Console.WriteLine("| --- | --- | --- | --- |");
        foreach ((string name, long bytes) in s_arrays)
        {
            using AlignedBuffer<float> array = new(bytes / sizeof(float));
            ReadRate.Measure(array);
            (double Read, double Peak)[] turns =
            [
                .. Enumerable.Range(0, Repeats).Select(_ => (ReadRate.Measure(array), PeakFma.Measure<float>())),
            ];
            double read = turns.Select(turn => turn.Read).Order().ElementAt(Repeats / 2);
            double peak = turns.Select(turn => turn.Peak).Order().ElementAt(Repeats / 2);
            Console.WriteLine($"| {name} | {read:F0} | {peak:F0} | {peak / read:F1} |");
        }
    }

    private static void OverReplicas()
    {
        Console.WriteLine(
            "| replicas of 50-10-30-10, batch 5 | parameters, MB | us a replica-step, 20 steps a call | share | 1 step a call | share |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (int replicas in new[] { 1, 10, 100, 1000, 10_000, 100_000 })
        {
            TrainingRate many = TrainingRate.Measure(Work([50, 10, 30, 10], 5, replicas, 20), Repeats);
            TrainingRate one = TrainingRate.Measure(Work([50, 10, 30, 10], 5, replicas, 1), Repeats);
            Console.WriteLine(
                $"| {replicas:N0} | {replicas * 1150.0 * sizeof(float) / 1e6:F2} | {1e6 / many.StepsPerSecond:F2} | {many.Share:F2} | "
                    + $"{1e6 / one.StepsPerSecond:F2} | {one.Share:F2} |"
            );
        }
    }

    private static void OverWidth() => Nets("width", [.. Widths.Select(w => (w, new[] { 50, w, w, 10 }))]);

    private static void OverDepth() =>
        Nets("hidden layers", [.. Depths.Select(l => (l, (int[])[50, .. Enumerable.Repeat(30, l), 10]))]);

    // The layout is the backend's own choice; a block of lanes is what it keeps in cache.
    private static void Nets(string heading, IReadOnlyList<(int Value, int[] Widths)> nets)
    {
        Console.WriteLine(
            $"| {heading} | P | block of lanes with AVX2, KB | us a replica-step, batch 50 | GFLOP/s | share |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach ((int value, int[] widths) in nets)
        {
            TrainingRate rate = TrainingRate.Measure(Work(widths, 50, 32, 0), Repeats);
            Network network = new(widths, [true], Activation.Relu, Loss.CrossEntropy);
            double block = LaneScratch<Register256<float>, float>.Footprint(network, 50) * 32 / 1e3;
            Console.WriteLine(
                $"| {value} | {network.ParameterCount:N0} | {block:N0} | {1e6 / rate.StepsPerSecond:F1} | {rate.Gigaflops:F1} | {rate.Share:F2} |"
            );
        }
    }

    private static void OverLayouts()
    {
        Console.WriteLine("| net | batch | numbers a replica | share in lanes | share one net at a time |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (
            (int width, int batch) in new[] { (48, 50), (64, 50), (80, 50), (96, 50), (128, 50), (96, 5), (128, 5) }
        )
        {
            if (Vector512.IsHardwareAccelerated)
            {
                BothLayouts<Register512<float>>([50, width, width, 10], batch);
            }
            else
            {
                BothLayouts<Register256<float>>([50, width, width, 10], batch);
            }
        }
    }

    private static void BothLayouts<V>(int[] widths, int batch)
        where V : unmanaged, IVector<V, float>
    {
        TrainingWork work = Work(widths, batch, 32, 0);
        TrainingProblem problem = work.Problem();
        using Workers workers = new(1);
        using LaneReplicas<V, float> lanes = new(new Wave(problem, 0, work.Replicas), workers);
        using DenseReplicas<V, float> alone = new(new Wave(problem, 0, work.Replicas), workers);
        // The first rounds are for the just-in-time compiler.
        Seconds(() => lanes.Advance(work.Steps));
        Seconds(() => alone.Advance(work.Steps));
        (double inLanes, double peak) = Seconds(() => lanes.Advance(work.Steps));
        (double one, _) = Seconds(() => alone.Advance(work.Steps));
        long numbers = LaneScratch<V, float>.Footprint(problem.Network, batch);
        Console.WriteLine(
            $"| {string.Join('-', widths)} | {batch} | {numbers:N0} | {work.Flops / inLanes / 1e9 / peak:F2} | {work.Flops / one / 1e9 / peak:F2} |"
        );
    }

    private static void OverBatch()
    {
        Console.WriteLine("| batch, 50-30-30-10 | us a replica-step | us a sample | GFLOP/s | share |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (int batch in new[] { 1, 2, 5, 10, 20, 50, 100, 500, 1000 })
        {
            TrainingRate rate = TrainingRate.Measure(Work([50, 30, 30, 10], batch, 64, 0), Repeats);
            double microseconds = 1e6 / rate.StepsPerSecond;
            Console.WriteLine(
                $"| {batch} | {microseconds:F2} | {microseconds / batch:F3} | {rate.Gigaflops:F1} | {rate.Share:F2} |"
            );
        }
    }

    private static void OverParameters()
    {
        Console.WriteLine(
            "| hidden widths | p | Hessian of 200 samples, ms | GFLOP/s on N p^2 | share | all eigenvalues, ms | ratio |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (int width in new[] { 2, 5, 10, 20, 30, 40 })
        {
            Points points = DensePoints.Random([50, width, width, 10], 200, Precision.Float32);
            int p = points.Network.ParameterCount;
            using IDenseOperations dense = DenseOperations.Create(Precision.Float32);
            double[] matrix = new double[p * p];
            double[] values = new double[p];
            (double hessian, double peak) = Seconds(() => dense.Hessian(points, 0, matrix));
            (double spectrum, _) = Seconds(() => dense.HessianSpectrum(points, 0, values));
            double rate = 200.0 * p * p / hessian / 1e9;
            double eigenvalues = spectrum - hessian;
            Console.WriteLine(
                $"| {width}-{width} | {p:N0} | {hessian * 1e3:F2} | {rate:F1} | {rate / peak:F2} | {eigenvalues * 1e3:F1} | {eigenvalues / hessian:F1} |"
            );
        }
    }

    private static void OverSamples()
    {
        Console.WriteLine("| samples, 50-30-30-10 | Hessian, ms | share | 16 products, ms | share | Gram matrix, ms |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (int samples in new[] { 10, 100, 1000, 3000 })
        {
            Points points = DensePoints.Random([50, 30, 30, 10], samples, Precision.Float32);
            double p = points.Network.ParameterCount;
            using IDenseOperations dense = DenseOperations.Create(Precision.Float32);
            double[] matrix = new double[(int)(p * p)];
            double[] vectors = new double[(int)(16 * p)];
            double[] products = new double[vectors.Length];
            double[] gram = new double[samples * samples];
            vectors.AsSpan().Fill(0.1);
            (double hessian, double peak) = Seconds(() => dense.Hessian(points, 0, matrix));
            (double product, _) = Seconds(() => dense.HessianVectorProducts(points, 0, vectors, products));
            (double moments, _) = Seconds(() => dense.Gram(points, 0, gram));
            double productRate = DensePoints.ProductFlops(points.Network) * samples * 16 / product / 1e9;
            Console.WriteLine(
                $"| {samples:N0} | {hessian * 1e3:F2} | {samples * p * p / hessian / 1e9 / peak:F2} | {product * 1e3:F2} | "
                    + $"{productRate / peak:F2} | {moments * 1e3:F2} |"
            );
        }
    }

    // Steps 0: about 20 ms of work.
    private static TrainingWork Work(int[] widths, int batch, int replicas, int steps)
    {
        TrainingWork work = new(widths, batch, replicas, 1) { Steps = 1 };
        return work with { Steps = steps > 0 ? steps : Math.Max(1, (int)(1e9 / work.Flops)) };
    }

    // Median processor time and peak, in turns; short work is repeated until it can be told from the clock's grain.
    private static (double Seconds, double Peak) Seconds(Action work)
    {
        const double Shortest = 0.02;
        work();
        long start = Stopwatch.GetTimestamp();
        work();
        int times = Math.Max(1, (int)(Shortest / Stopwatch.GetElapsedTime(start).TotalSeconds));
        double[] seconds = new double[Repeats];
        double[] peaks = new double[Repeats];
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            peaks[repeat] = PeakFma.Measure<float>();
            TimeSpan used = Environment.CpuUsage.TotalTime;
            for (int i = 0; i < times; i++)
            {
                work();
            }

            seconds[repeat] = (Environment.CpuUsage.TotalTime - used).TotalSeconds / times;
        }

        Array.Sort(seconds);
        Array.Sort(peaks);
        return (seconds[Repeats / 2], peaks[Repeats / 2]);
    }
}
