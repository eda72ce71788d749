using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>
/// Medians and shares of the multiply-add peak within seconds, for work on the kernels. Peak and kernel alternate, and processor
/// time is counted, not time on the wall, so that a busy machine does not enter.
/// </summary>
internal static class DenseShort
{
    private const int Repeats = 15;
    private const double TurnSeconds = 0.02;
    private const double WarmUpSeconds = 0.5;

    /// <summary>Everything.</summary>
    public static void Run()
    {
        Hessians<float>();
        Hessians<double>();
        Products<float>();
        Products<double>();
        WholeSpectra(Precision.Float32);
        WholeSpectra(Precision.Float64);
    }

    /// <summary>Hessians of p = 2770, N = 1000 with all their eigenvalues, on all cores: seconds of the clock a piece.</summary>
    private static void WholeSpectra(Precision precision)
    {
        const int Runs = 5;
        using CpuBackend backend = new();
        Points one = DensePoints.Random([50, 30, 30, 10], 1000, precision);
        int replicas = 2 * backend.Threads;
        double[] parameters = [.. Enumerable.Repeat(one.Parameters.ToArray(), replicas).SelectMany(point => point)];
        Points points = new(one.Network, parameters, one.Data, precision);
        double[] eigenvalues = new double[parameters.Length];
        backend.HessianSpectrum(points, eigenvalues);
        double[] seconds = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            backend.HessianSpectrum(points, eigenvalues);
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds / replicas;
        }

        Array.Sort(seconds);
        Console.WriteLine(
            $"{precision} Hessian with spectrum p=2770 N=1000, {backend.Threads} threads: {seconds[Runs / 2]:F3} s a piece ({seconds[0]:F3} .. {seconds[^1]:F3})"
        );
    }

    /// <summary>Times work and peak in turns and prints the medians.</summary>
    public static void Report<T>(string name, double flops, Action work)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] rates = new double[Repeats];
        double[] peaks = new double[Repeats];
        // Until the compiler has said its last word.
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < WarmUpSeconds; )
        {
            work();
        }

        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            peaks[repeat] = PeakFma.Measure<T>();
            // A turn long enough to be told from the clock's grain.
            int times = 0;
            double seconds = 0;
            for (TimeSpan start = Environment.CpuUsage.TotalTime; seconds < TurnSeconds; times++)
            {
                work();
                seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
            }

            rates[repeat] = flops * times / seconds / 1e9;
        }

        Array.Sort(rates);
        Array.Sort(peaks);
        double rate = rates[Repeats / 2];
        double peak = peaks[Repeats / 2];
        Console.WriteLine(
            $"{typeof(T).Name, -6} {name, -40} {flops / rate / 1e6, 9:F3} ms {rate, 7:F1} GFLOP/s, peak {peak, 6:F1}, share {rate / peak:F2}"
        );
    }

    private static void Hessians<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (
            (int[] widths, int samples) in new[] { (new[] { 50, 30, 30, 10 }, 1000), (new[] { 50, 10, 30, 10 }, 100) }
        )
        {
            Precision precision = typeof(T) == typeof(float) ? Precision.Float32 : Precision.Float64;
            Points points = DensePoints.Random(widths, samples, precision);
            double p = points.Network.ParameterCount;
            double[] matrix = new double[(int)(p * p)];
            double[] vectors = new double[(int)(10 * p)];
            double[] products = new double[(int)(10 * p)];
            vectors.AsSpan().Fill(0.1);
            using IDenseOperations dense = DenseOperations.Create(points.Precision);
            Report<T>($"hessian p={p} N={samples} (N p^2)", samples * p * p, () => dense.Hessian(points, 0, matrix));
            double flops = DensePoints.ProductFlops(points.Network) * samples * 10;
            Report<T>(
                $"10 products p={p} N={samples}",
                flops,
                () => dense.HessianVectorProducts(points, 0, vectors, products)
            );
            // Two products of N x N and d_(l-1) or d_l a layer.
            double inner = 0;
            for (int layer = 1; layer <= points.Network.Layers; layer++)
            {
                inner += points.Network.Widths[layer - 1] + points.Network.Widths[layer];
            }

            double[] gram = new double[samples * samples];
            // Half of the symmetric matrix.
            double square = 1.0 * samples * samples * inner;
            Report<T>($"gram matrix p={p} N={samples}", square, () => dense.Gram(points, 0, gram));
        }
    }

    private static void Products<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (
            (int m, int n, int k) in new[]
            {
                (30, 1000, 50),
                (30, 1000, 30),
                (10, 1000, 30),
                (30, 51, 1000),
                (51, 930, 1000),
                (512, 512, 512),
                (512, 64, 784),
                (256, 1024, 256),
            }
        )
        {
            Product<T>(m, n, k);
        }
    }

    private static unsafe void Product<T>(int m, int n, int k)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using AlignedBuffer<T> a = new((long)m * k);
        using AlignedBuffer<T> b = new((long)k * n);
        using AlignedBuffer<T> c = new((long)m * n);
        using AlignedBuffer<T> scratch = new(1 << 20);
        a.Span.Fill(T.CreateChecked(0.5));
        b.Span.Fill(T.CreateChecked(0.25));
        Matrix<T> left = new(a.Pointer, k);
        Matrix<T> right = new(b.Pointer, n);
        Matrix<T> product = new(c.Pointer, n);
        T* free = scratch.Pointer;
        double flops = 2.0 * m * n * k;
        int inner = Math.Max(1, (int)(2e8 / flops));
        Report<T>(
            $"gemm {m} x {n} x {k}",
            flops * inner,
            () =>
            {
                for (int i = 0; i < inner; i++)
                {
                    if (Vector512.IsHardwareAccelerated)
                    {
                        Gemm<Register512<T>, T>.Multiply(m, n, k, left, right, product, false, free);
                    }
                    else
                    {
                        Gemm<Register256<T>, T>.Multiply(m, n, k, left, right, product, false, free);
                    }
                }
            }
        );
    }
}
