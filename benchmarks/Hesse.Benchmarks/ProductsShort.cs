using System.Diagnostics;
using System.Numerics;
using Hesse.Backends;
using Hesse.Backends.Cpu.Dense;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>
/// Products with the Hessian and Lanczos' method for some replicas, one at a time and a replica a lane, in turns with the
/// multiply-add peak; medians of processor time on one thread.
/// </summary>
internal static class ProductsShort
{
    private const int Rounds = 9;
    private const int Pairs = 5;

    /// <summary>Four shapes in both precisions.</summary>
    public static void Run()
    {
        Console.WriteLine(
            "products: ms for each vector and replica, share of peak; Lanczos, top 5: ms for each replica, share of its products"
        );
        foreach (
            (int[] widths, int samples) in new[]
            {
                (new[] { 50, 30, 30, 10 }, 100),
                ([50, 30, 30, 10], 1000),
                ([50, 30, 30, 10], 20),
                ([10, 10, 10, 4], 100),
            }
        )
        {
            Compare<float>(widths, samples, Precision.Float32);
            Compare<double>(widths, samples, Precision.Float64);
        }
    }

    private static void Compare<T>(int[] widths, int samples, Precision precision)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using IDenseOperations dense = DenseOperations.Create(precision);
        int replicas = 4 * dense.Lanes;
        Points one = DensePoints.Random(widths, samples, precision);
        int p = one.Network.ParameterCount;
        double flops = DensePoints.ProductFlops(one.Network) * samples;
        Random random = new(2);
        double[] parameters = [.. Enumerable.Range(0, replicas * p).Select(_ => random.NextDouble() - 0.5)];
        Points points = new(one.Network, parameters, one.Data, precision);
        string name = $"{precision, -8} {string.Join('-', widths), -12} N = {samples, 4}";
        foreach (int count in new[] { 1, 8, 32 })
        {
            double[] vectors = [.. Enumerable.Range(0, count * p).Select(_ => random.NextDouble() - 0.5)];
            double[] products = new double[count * p * dense.Lanes];
            (double alone, double lanes, double peak) = Medians<T>(
                () =>
                {
                    for (int r = 0; r < replicas; r++)
                    {
                        dense.HessianVectorProducts(points, r, vectors, products.AsSpan(0, count * p));
                    }
                },
                () =>
                {
                    for (int r = 0; r < replicas; r += dense.Lanes)
                    {
                        dense.VectorProductsOfBlock(points, r, gaussNewton: false, vectors, products);
                    }
                }
            );
            Print($"{name}, {count, 2} vectors", alone, lanes, peak, replicas * count, flops);
        }

        EigenpairRequest request = new()
        {
            Largest = Pairs,
            Tolerance = 1e-3,
            Method = EigenpairMethod.Lanczos,
            Seed = 1,
            Step = 0,
            ReplicaNumbers = [.. Enumerable.Range(0, replicas)],
        };
        double[] pairs = new double[Pairs * (EigenpairRequest.Heading + p)];
        double all = 0;
        for (int r = 0; r < replicas; r++)
        {
            dense.HessianEigenpairs(points, r, request, pairs);
            all += pairs[2];
        }

        (double eachAlone, double inLanes, double rate) = Medians<T>(
            () =>
            {
                for (int r = 0; r < replicas; r++)
                {
                    dense.HessianEigenpairs(points, r, request, pairs);
                }
            },
            () =>
            {
                int next = 0;
                dense.EigenpairsInLanes(
                    points,
                    () => next < replicas ? next++ : -1,
                    request,
                    (_, run) => run.Write(pairs)
                );
            }
        );
        Print($"{name}, Lanczos", eachAlone, inLanes, rate, replicas, flops * all / replicas);
    }

    private static void Print(string name, double alone, double lanes, double peak, int items, double flops) =>
        Console.WriteLine(
            $"{name, -46} one at a time {alone / items, 7:F4} ms {flops * items / alone / 1e6 / peak, 5:F2}   lanes {lanes / items, 7:F4} ms {flops * items / lanes / 1e6 / peak, 5:F2}   ratio {alone / lanes, 5:F2}"
        );

    private static (double First, double Second, double Peak) Medians<T>(Action first, Action second)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[][] times = [new double[Rounds], new double[Rounds]];
        double[] peaks = new double[Rounds];
        for (int round = -2; round < Rounds; round++)
        {
            double peak = PeakFma.Measure<T>();
            for (int way = 0; way < 2; way++)
            {
                int calls = 0;
                TimeSpan begin = Environment.CpuUsage.TotalTime;
                long clock = Stopwatch.GetTimestamp();
                do
                {
                    (way == 0 ? first : second)();
                    calls++;
                } while (Stopwatch.GetElapsedTime(clock).TotalMilliseconds < 40);

                if (round >= 0)
                {
                    times[way][round] = (Environment.CpuUsage.TotalTime - begin).TotalMilliseconds / calls;
                    peaks[round] = peak;
                }
            }
        }

        return (Median(times[0]), Median(times[1]), Median(peaks));
    }

    private static double Median(double[] values) => values.Order().ElementAt(Rounds / 2);
}
