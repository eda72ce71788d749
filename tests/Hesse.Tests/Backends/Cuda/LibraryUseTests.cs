using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cuda;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;
using Hesse.Tests.Optimizers;

namespace Hesse.Tests.Backends.Cuda;

/// <summary>
/// cuSOLVER and cuBLAS in the place of our own kernels. On the emulator both are stand-ins with naive arithmetic that hold callers to leading
/// dimensions, triangles, strides and work spaces.
/// </summary>
[Collection(OneCudaDevice.Name)]
public sealed class LibraryUseTests(CudaFixture fixture)
{
    private const double DoublePrecision = 1e-12;
    private const double SinglePrecision = 4e-6;

    [CudaTheory]
    [InlineData(Precision.Float64, 40)]
    [InlineData(Precision.Float32, 3)]
    public void Spectra_by_cusolver_are_those_of_our_own_kernels(Precision precision, int samples)
    {
        using CudaBackend library = new(LibraryUse.None with { Solver = true }, null, 1, null);
        library.Architecture.ShouldMatch(@"^sm_[0-9]+\+cusolver-[0-9]+\.[0-9]+\.[0-9]+$");
        Points points = RandomProblems.Make(
            [4, 5, 3],
            [true, false],
            Activation.Tanh,
            Loss.CrossEntropy,
            samples,
            3,
            11,
            ownData: false
        );
        points = new Points(points.Network, points.Parameters, points.Data, precision);
        int p = points.Network.ParameterCount;
        int least = Math.Min(samples, p);
        Same(3 * p, (it, result) => it.HessianSpectrum(points, result));
        Same(3 * p, (it, result) => it.GgnSpectrum(points, result));
        Same(3 * p, (it, result) => it.LayerSpectra(points, result));
        Same(3 * p, (it, result) => it.ResidualSpectrum(points, result));
        Same(3 * least, (it, result) => it.SecondMomentSpectrum(points, result));
        Same(3 * least, (it, result) => it.GradientCovarianceSpectrum(points, result));

        void Same(int length, Action<IBackend, double[]> operation)
        {
            double[] expected = new double[length];
            double[] found = new double[length];
            operation(fixture.Backend, expected);
            operation(library, found);
            double tolerance = precision == Precision.Float64 ? DoublePrecision : SinglePrecision;
            double scale = expected.Max(Math.Abs);
            for (int i = 0; i < length; i++)
            {
                found[i].ShouldBe(expected[i], tolerance * scale, operation.Method.Name);
            }
        }
    }

    [CudaFact]
    public void A_diverged_replica_is_NaN_and_leaves_cusolvers_others_untouched()
    {
        using CudaBackend library = new(LibraryUse.None with { Solver = true }, null, 1, null);
        Points calm = RandomProblems.Make(
            [2, 3, 2],
            [true, true],
            Activation.Softplus,
            Loss.HalfSquaredError,
            20,
            3,
            11,
            ownData: false
        );
        int p = calm.Network.ParameterCount;
        double[] parameters = calm.Parameters.ToArray();
        parameters[p + 3] = double.NaN;
        double[] expected = new double[3 * p];
        double[] found = new double[3 * p];
        library.HessianSpectrum(calm, expected);
        library.HessianSpectrum(new Points(calm.Network, parameters, calm.Data, calm.Precision), found);
        found[..p].ShouldBe(expected[..p]);
        found[p..(2 * p)].ShouldAllBe(x => double.IsNaN(x));
        found[(2 * p)..].ShouldBe(expected[(2 * p)..]);
    }

    [Theory]
    [InlineData(2770, 10_000, 279)]
    [InlineData(500, 10_000, 8589)]
    [InlineData(500, 20, 20)]
    [InlineData(46_341, 1, 0)]
    public void No_call_of_cusolver_has_more_numbers_than_32_bits_count(int order, int matrices, int part) =>
        SolverContext.Part(order, matrices).ShouldBe(part);

    [Fact]
    public void The_diagonal_does_not_pass_for_the_eigenvalues()
    {
        // (2 1; 1 2) has 1 and 3, trace 4 and squares 10; a library that gives its diagonal gives the same trace.
        CudaOperations<double>.HasInvariants([1, 3], 4, 10, 2.3e-16).ShouldBeTrue();
        CudaOperations<double>.HasInvariants([2, 2], 4, 10, 2.3e-16).ShouldBeFalse();
        CudaOperations<double>.HasInvariants([1, double.NaN], 4, 10, 2.3e-16).ShouldBeFalse();
    }

    // The products' sums are cuBLAS' own: what is the same to the last bit without it agrees here to rounding, through seven updates.
    [CudaTheory]
    [InlineData(new[] { 90, 260, 130, 3 }, "momentum", BatchOrder.Epochs, Activation.Softplus, Precision.Float64)]
    [InlineData(new[] { 400, 150, 5 }, "adam", BatchOrder.WithReplacement, Activation.Relu, Precision.Float32)]
    [InlineData(new[] { 8000, 8 }, "sgd", BatchOrder.Full, Activation.Relu, Precision.Float32)]
    public void Nets_that_fit_no_shared_memory_train_by_cublas(
        int[] widths,
        string rule,
        BatchOrder order,
        Activation activation,
        Precision precision
    )
    {
        using CudaBackend library = new(LibraryUse.None with { Blas = true }, null, 1, null);
        library.Architecture.ShouldMatch(@"^sm_[0-9]+\+cublas-[0-9]+\.[0-9]+\.[0-9]+$");
        Network network = new(
            widths,
            [.. new[] { true, false, true }[..(widths.Length - 1)]],
            activation,
            Loss.CrossEntropy
        );
        TrainingProblem problem = new()
        {
            Network = network,
            Precision = precision,
            Seed = 7,
            Data = new CudaTrainingTests.SineData(network, samples: 23, perReplica: precision == Precision.Float64),
            Optimizer = EveryRule.Find(rule, rescaleWeights: false),
            Batch = new BatchSpec { Order = order, Size = 9 },
            InitialPoint = (replica, parameters) =>
            {
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] = (float)(0.1 * Math.Sin((i + 1.0) * (i + 1.0) + replica));
                }
            },
        };
        double[] expected = Train(fixture.Backend, problem);
        double[] found = Train(library, problem);
        double scale = expected.Max(Math.Abs);
        double tolerance = precision == Precision.Float64 ? 1e-11 : 2e-4;
        double error = expected.Zip(found, (a, b) => Math.Abs(a - b)).Max();
        error.ShouldBeLessThan(tolerance * scale);
        error.ShouldBeGreaterThan(0, "the same bits: cuBLAS had no part in it");

        // In one wave with replicas whose step size is another the first ones keep their bits.
        OptimizerSpec other = EveryRule.Find(rule, rescaleWeights: false) switch
        {
            SgdSpec it => it with { StepSize = new Schedule(0.3) },
            MomentumSpec it => it with { StepSize = new Schedule(0.3) },
            AdamSpec it => it with { StepSize = new Schedule(0.3) },
            _ => throw new ArgumentException(rule),
        };
        Wave both = new(new ReplicaGroup(problem, 2, 3), new ReplicaGroup(problem with { Optimizer = other }, 2, 3));
        double[] together = Train(library.CreateReplicas(both), problem);
        together[..found.Length].ShouldBe(found);
        together[found.Length..].ShouldNotBe(found);
    }

    private static double[] Train(CudaBackend backend, TrainingProblem problem) =>
        Train(backend.CreateReplicas(problem, 2, 3), problem);

    private static double[] Train(IReplicas created, TrainingProblem problem)
    {
        using IReplicas replicas = created;
        replicas.Advance(3);
        replicas.Advance(4);
        double[] parameters = new double[replicas.Count * problem.Network.ParameterCount];
        replicas.CopyParameters(parameters);
        return parameters;
    }
}
