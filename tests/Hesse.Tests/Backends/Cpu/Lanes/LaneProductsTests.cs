using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Tests.Backends.Cpu.Lanes;

[Trait("Category", "Numerical")]
public sealed class LaneProductsTests
{
    public static TheoryData<Activation, Loss> Combinations =>
        new()
        {
            { Activation.Relu, Loss.CrossEntropy },
            { Activation.Tanh, Loss.CrossEntropy },
            { Activation.Gelu, Loss.Mse },
            { Activation.Sine, Loss.HalfSquaredError },
            { Activation.Softplus, Loss.Logistic },
        };

    [Theory]
    [MemberData(nameof(Combinations))]
    public void A_block_has_the_bits_of_one_net_at_a_time(Activation activation, Loss loss)
    {
        int outputs = loss == Loss.Logistic ? 1 : 3;
        foreach (int[] widths in new[] { new[] { 4, outputs }, [5, 7, outputs], [3, 2, 6, 1, 17, outputs] })
        {
            foreach ((int samples, bool own) in new[] { (1, false), (2, true), (33, true), (65, false) })
            {
                Check(Random(widths, samples, own ? 16 : 1, activation, loss), Precision.Float32);
                Check(Random(widths, samples, own ? 16 : 1, activation, loss), Precision.Float64);
            }
        }
    }

    [Fact]
    public void Eigenpairs_in_lanes_have_the_bits_of_one_replica_at_a_time()
    {
        // 13 replicas: lanes are given from one to the next, and some stay empty at the end.
        Points points = Random([5, 9, 3], 20, 1, Activation.Tanh, Loss.CrossEntropy, replicas: 13);
        int p = points.Network.ParameterCount;
        EigenpairRequest request = Request([.. Enumerable.Range(0, 13)], diagonal: false);
        double[] alone = OneByOne(points, request);
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using CpuBackend backend = new(threads);
            double[] found = new double[13 * request.Count * (EigenpairRequest.Heading + p)];
            backend.HessianEigenpairs(points, request, found);
            found.ShouldBe(alone);
        }

        alone.Where((_, i) => i % (EigenpairRequest.Heading + p) == 3).ShouldAllBe(converged => converged == 1);
    }

    [Fact]
    public void Scaled_pairs_too_and_a_diverged_replica_harms_nobody()
    {
        Points points = Random([5, 9, 3], 20, 1, Activation.Tanh, Loss.CrossEntropy, replicas: 9);
        int p = points.Network.ParameterCount;
        double[] parameters = points.Parameters.ToArray();
        parameters[(3 * p) + 2] = double.NaN;
        points = new Points(points.Network, parameters, points.Data, Precision.Float64);
        EigenpairRequest request = Request([.. Enumerable.Range(0, 9)], diagonal: true);
        using CpuBackend backend = new(1);
        double[] found = new double[9 * request.Count * (EigenpairRequest.Heading + p)];
        backend.HessianEigenpairs(points, request, found);
        found.ShouldBe(OneByOne(points, request));
        int width = found.Length / 9;
        found[(3 * width)..((3 * width) + 2)].ShouldAllBe(value => double.IsNaN(value));
        found[..(3 * width)].ShouldAllBe(value => double.IsFinite(value));
    }

    [Fact]
    public void Large_nets_stay_one_at_a_time()
    {
        Network network = new([50, 30, 30, 10], [true], Activation.Relu, Loss.CrossEntropy);
        LaneFootprint.Fits(network, 20, many: false).ShouldBeTrue();
        LaneFootprint.Fits(network, 100, many: false).ShouldBeFalse();
        LaneFootprint.Fits(network, 100, many: true).ShouldBeTrue();
        LaneFootprint.Fits(network, 101, many: true).ShouldBeFalse();
    }

    private static void Check(Points at, Precision precision)
    {
        Points points = new(at.Network, at.Parameters, at.Data, precision);
        using IDenseOperations dense = DenseOperations.Create(precision);
        using CpuBackend backend = new(1);
        int p = points.Network.ParameterCount;
        Random random = new(5);
        // As many vectors as are worth lanes.
        const int count = 8;
        double[] own = [.. Enumerable.Range(0, count * points.Replicas * p).Select(_ => random.NextDouble() - 0.5)];
        foreach (double[] vectors in new[] { own, own[..(count * p)] })
        {
            foreach (bool gaussNewton in new[] { false, true })
            {
                double[] found = new double[own.Length];
                double[] expected = new double[own.Length];
                for (int r = 0; r < points.Replicas; r++)
                {
                    Span<double> to = expected.AsSpan(count * r * p, count * p);
                    ReadOnlySpan<double> from =
                        vectors.Length == own.Length ? vectors.AsSpan(count * r * p, count * p) : vectors;
                    if (gaussNewton)
                    {
                        dense.GgnVectorProducts(points, r, from, to);
                    }
                    else
                    {
                        dense.HessianVectorProducts(points, r, from, to);
                    }
                }

                if (gaussNewton)
                {
                    backend.GgnVectorProducts(points, vectors, found);
                }
                else
                {
                    backend.HessianVectorProducts(points, vectors, found);
                }

                Bits(found).ShouldBe(Bits(expected));
            }
        }
    }

    private static long[] Bits(double[] values) => [.. values.Select(BitConverter.DoubleToInt64Bits)];

    private static double[] OneByOne(Points points, EigenpairRequest request)
    {
        int p = points.Network.ParameterCount;
        int width = request.Count * (EigenpairRequest.Heading + p);
        double[] pairs = new double[points.Replicas * width];
        using IDenseOperations dense = DenseOperations.Create(points.Precision);
        for (int r = 0; r < points.Replicas; r++)
        {
            dense.HessianEigenpairs(points, r, request, pairs.AsSpan(r * width, width));
        }

        return pairs;
    }

    private static EigenpairRequest Request(int[] replicas, bool diagonal) =>
        new()
        {
            Largest = 2,
            Smallest = 1,
            Tolerance = 1e-8,
            Method = EigenpairMethod.Lanczos,
            Seed = 3,
            Step = 1,
            ReplicaNumbers = replicas,
            Diagonal = diagonal
                ? [.. Enumerable.Range(0, replicas.Length * 84).Select(i => 1.5 + Math.Sin(i))]
                : Array.Empty<double>(),
        };

    private static Points Random(
        int[] widths,
        int samples,
        int sets,
        Activation activation,
        Loss loss,
        int replicas = 16
    )
    {
        // A layer without bias among others with one.
        bool[] bias = [.. Enumerable.Range(1, widths.Length - 1).Select(layer => layer != 2 || widths.Length < 5)];
        Network network = new(widths, bias, activation, loss);
        Random random = new(7);
        double[] parameters =
        [
            .. Enumerable.Range(0, replicas * network.ParameterCount).Select(_ => random.NextDouble() - 0.5),
        ];
        double[] inputs = [.. Enumerable.Range(0, sets * samples * widths[0]).Select(_ => random.NextDouble() - 0.5)];
        bool classes = loss == Loss.CrossEntropy;
        int[]? labels = classes ? [.. Enumerable.Range(0, sets * samples).Select(_ => random.Next(widths[^1]))] : null;
        double[]? targets = classes
            ? null
            : [.. Enumerable.Range(0, sets * samples * widths[^1]).Select(_ => (double)random.Next(2))];
        Hesse.Data.DataSet data = new(samples, widths[0], widths[^1], sets, inputs, labels, targets);
        return new Points(network, parameters, data, Precision.Float64);
    }
}
