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

    // Sums of up to 8000 products in another order: some sqrt(8000) roundings of 6e-8 in each of a few operations that follow each other.
    private const double LongSums = 4e-5;

    // In float64 more than a multiprocessor's shared memory.
    private static readonly int[] s_widths = [90, 260, 130, 3];
    private static readonly bool[] s_bias = [true, false, true];

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
        Network network = new(widths, [.. s_bias.Take(widths.Length - 1)], activation, Loss.CrossEntropy);
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

    // Every operation that begins with a pass over all samples; of evaluations 256 at a time, 300 are one part and some.
    [CudaTheory]
    [InlineData(new[] { 90, 260, 130, 3 }, Activation.Softplus, Loss.CrossEntropy, 11, true, Precision.Float64)]
    [InlineData(new[] { 90, 260, 130, 3 }, Activation.Relu, Loss.Mse, 300, false, Precision.Float64)]
    [InlineData(new[] { 400, 150, 1 }, Activation.Tanh, Loss.Logistic, 5, false, Precision.Float32)]
    [InlineData(new[] { 8000, 8 }, Activation.Relu, Loss.CrossEntropy, 7, true, Precision.Float32)]
    public void Nets_that_fit_no_shared_memory_are_measured_by_cublas(
        int[] widths,
        Activation activation,
        Loss loss,
        int samples,
        bool ownData,
        Precision precision
    )
    {
        const int replicas = 2;
        using CudaBackend library = new(LibraryUse.None with { Blas = true }, null, 1, null);
        Points points = RandomProblems.Make(
            widths,
            [.. s_bias.Take(widths.Length - 1)],
            activation,
            loss,
            samples,
            replicas,
            11,
            ownData
        );
        points = new Points(points.Network, points.Parameters, points.Data, precision);
        int p = points.Network.ParameterCount;
        double[] vector = [.. Enumerable.Range(0, p).Select(i => Math.Sin((i + 2.0) * i))];
        bool differs = false;
        Same(replicas, (it, result) => it.Loss(points, result));
        Same(replicas * samples * points.Network.OutputWidth, (it, result) => it.Logits(points, result));
        Same(replicas * p, (it, result) => it.Gradient(points, result));
        Same(replicas * samples, (it, result) => it.PerSampleGradientNorms(points, result));
        Same(replicas * samples * samples, (it, result) => it.Gram(points, result));
        Same(replicas * p, (it, result) => it.HessianVectorProducts(points, vector, result));
        Same(replicas * p, (it, result) => it.GgnVectorProducts(points, vector, result));
        differs.ShouldBeTrue("the same bits everywhere: cuBLAS had no part in it");

        void Same(int length, Action<IBackend, double[]> operation)
        {
            double[] expected = new double[length];
            double[] found = new double[length];
            operation(fixture.Backend, expected);
            operation(library, found);
            double tolerance = precision == Precision.Float64 ? DoublePrecision : LongSums;
            double scale = Math.Max(1e-3, expected.Max(Math.Abs));
            for (int i = 0; i < length; i++)
            {
                found[i].ShouldBe(expected[i], tolerance * scale, operation.Method.Name);
                differs |= found[i] != expected[i];
            }
        }
    }

    // Of a wave in training: mean loss and right answers, on its own samples and on others.
    [CudaFact]
    public void A_large_net_in_training_is_judged_by_cublas_as_by_our_own_kernels()
    {
        using CudaBackend library = new(LibraryUse.None with { Blas = true }, null, 1, null);
        Network network = new(s_widths, s_bias, Activation.Tanh, Loss.CrossEntropy);
        TrainingProblem problem = new()
        {
            Network = network,
            Precision = Precision.Float64,
            Seed = 7,
            Data = new CudaTrainingTests.SineData(network, samples: 23, perReplica: true),
            Optimizer = EveryRule.Find("sgd", rescaleWeights: false),
            Batch = new BatchSpec { Order = BatchOrder.Epochs, Size = 9 },
            InitialPoint = (replica, parameters) =>
            {
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] = 0.1 * Math.Sin((i + 1.0) * (i + 1.0) + replica);
                }
            },
        };
        using IReplicas own = fixture.Backend.CreateReplicas(problem, 2, 3);
        using IReplicas byLibrary = library.CreateReplicas(problem, 2, 3);
        foreach (bool training in new[] { true, false })
        {
            Hesse.Data.DataSet data = training ? problem.Data.Training(2, 3) : problem.Data.Training(7, 3);
            double[] loss = new double[3];
            double[] accuracy = new double[3];
            double[] expectedLoss = new double[3];
            double[] expectedAccuracy = new double[3];
            own.LossAndAccuracy(data, expectedLoss, expectedAccuracy);
            byLibrary.LossAndAccuracy(data, loss, accuracy);
            accuracy.ShouldBe(expectedAccuracy);
            for (int i = 0; i < loss.Length; i++)
            {
                loss[i].ShouldBe(expectedLoss[i], DoublePrecision);
            }
        }
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
