using System.Diagnostics;
using System.Numerics.Tensors;
using Hesse.Backends;
using Hesse.Backends.Cpu.Dense;
using Hesse.Data;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>
/// The largest eigenvalue of the Hessian of a small net, as an experiment at the edge of stability asks for it every few steps: the
/// assembled matrix with all its eigenpairs, with the wanted one alone, and Lanczos' method from a random start and from the
/// eigenvector of nearby parameters. In turns, medians of processor time.
/// </summary>
internal static class EigenpairsShort
{
    private const int Rounds = 15;

    /// <summary>Nets 1-h-1 on 20 points, p = 3h, and the net of the Gaussian mixture at p = 250 on 100.</summary>
    public static void Run()
    {
        Console.WriteLine(
            "largest eigenvalue, one thread, ms: all pairs | one pair | Lanczos | Lanczos, warm     ratios to all pairs"
        );
        Compare(Regression([1, 34, 1]), "1-34-1, 20 points");
        Compare(Regression([1, 100, 1]), "1-100-1, 20 points");
        Compare(Regression([1, 180, 1]), "1-180-1, 20 points");
        Compare(DensePoints.Random([10, 10, 10, 4], 100, Precision.Float64), "10-10-10-4, N = 100");
    }

    private static void Compare(Points points, string name)
    {
        int p = points.Network.ParameterCount;
        double[] pair = new double[EigenpairRequest.Heading + p];
        double[] matrix = new double[p * p];
        double[] values = new double[p];
        double[] vectors = new double[p * p];
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        using EigenWorkspace<double> workspace = new(p, vectors: true);
        double[] nearby = points.Parameters.ToArray();
        TensorPrimitives.Multiply<double>(nearby, 1.001, nearby);
        Points before = new(points.Network, nearby, points.Data, Precision.Float64);
        dense.HessianEigenpairs(before, 0, Request(EigenpairMethod.Exact, default), pair);
        double[] start = pair[EigenpairRequest.Heading..];
        Action[] ways =
        [
            () =>
            {
                dense.Hessian(points, 0, matrix);
                SymmetricEigen.ValuesAndVectors(matrix, p, values, vectors, workspace);
            },
            () => dense.HessianEigenpairs(points, 0, Request(EigenpairMethod.Exact, default), pair),
            () => dense.HessianEigenpairs(points, 0, Request(EigenpairMethod.Lanczos, default), pair),
            () => dense.HessianEigenpairs(points, 0, Request(EigenpairMethod.Lanczos, start), pair),
        ];
        double[][] times = [.. ways.Select(_ => new double[Rounds])];
        for (int round = -3; round < Rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                int calls = 0;
                TimeSpan begin = Environment.CpuUsage.TotalTime;
                long clock = Stopwatch.GetTimestamp();
                do
                {
                    ways[way]();
                    calls++;
                } while (Stopwatch.GetElapsedTime(clock).TotalMilliseconds < 40);

                if (round >= 0)
                {
                    times[way][round] = (Environment.CpuUsage.TotalTime - begin).TotalMilliseconds / calls;
                }
            }
        }

        double[] medians = [.. times.Select(time => time.Order().ElementAt(Rounds / 2))];
        Console.WriteLine(
            $"{name, -22} p = {p, 4} {string.Join(" | ", medians.Select(x => $"{x, 7:F3}"))}     {string.Join(" ", medians.Skip(1).Select(x => $"{medians[0] / x, 6:F1}"))}"
        );
    }

    private static EigenpairRequest Request(EigenpairMethod method, ReadOnlyMemory<double> start) =>
        new()
        {
            Largest = 1,
            Tolerance = 1e-6,
            Method = method,
            Seed = 1,
            Step = 0,
            ReplicaNumbers = [0],
            Starts = start,
        };

    private static Points Regression(int[] widths)
    {
        Network network = new(widths, [true, false], Activation.Tanh, Loss.HalfSquaredError);
        Random random = new(1);
        const int samples = 20;
        double[] parameters = [.. Enumerable.Range(0, network.ParameterCount).Select(_ => random.NextDouble() - 0.5)];
        double[] inputs = [.. Enumerable.Range(0, samples).Select(i => -1 + (2.0 * i / (samples - 1)))];
        double[] targets = [.. inputs.Select(x => (8 * x * x * x * x) - (8 * x * x) + 1)];
        DataSet data = new(samples, 1, 1, 1, inputs, null, targets);
        return new(network, parameters, data, Precision.Float64);
    }
}
