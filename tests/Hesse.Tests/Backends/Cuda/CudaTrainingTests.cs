using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cuda;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends.Cpu.Lanes;
using Hesse.Tests.Optimizers;

namespace Hesse.Tests.Backends.Cuda;

/// <summary>
/// The training kernel against the SIMD backend: both make the same additions, multiplications and divisions in the same order, and have the
/// same polynomials for elementary functions, so there is no tolerance.
/// </summary>
[Collection(OneCudaDevice.Name)]
public sealed class CudaTrainingTests(CudaFixture fixture)
{
    private const int Steps = 7;
    private const int First = 2;
    private const int Replicas = 3;

    // Each activation with another rule: compiling for the emulator takes longer than running.
    public static TheoryData<Activation, string, BatchOrder, Loss, Precision> Problems
    {
        get
        {
            TheoryData<Activation, string, BatchOrder, Loss, Precision> problems = [];
            string[] rules = [.. EveryRule.ByName.Keys];
            Activation[] activations = Enum.GetValues<Activation>();
            Loss[] losses = [Loss.CrossEntropy, Loss.Mse, Loss.HalfSquaredError];
            for (int i = 0; i < Math.Max(rules.Length, activations.Length); i++)
            {
                problems.Add(
                    activations[i % activations.Length],
                    rules[i % rules.Length],
                    (BatchOrder)(i % 4),
                    losses[i % losses.Length],
                    i % 3 == 1 ? Precision.Float64 : Precision.Float32
                );
            }

            return problems;
        }
    }

    /// <summary>Widths 1, 2, 15, 16, 17, 257; one layer to five; batches of 1 and of more than a block takes at once; one class.</summary>
    public static TheoryData<int[], int, Loss, Precision> Shapes =>
        new()
        {
            { [1, 1], 1, Loss.Logistic, Precision.Float32 },
            { [2, 15, 1], 3, Loss.CrossEntropy, Precision.Float64 },
            { [16, 17, 2, 3], 17, Loss.CrossEntropy, Precision.Float32 },
            { [17, 16, 15, 2, 1], 16, Loss.Mse, Precision.Float64 },
            { [3, 5, 2, 1, 4, 2], 70, Loss.HalfSquaredError, Precision.Float32 },
            { [3, 5, 2, 1, 4, 2], 1, Loss.CrossEntropy, Precision.Float64 },
            { [257, 2], 257, Loss.CrossEntropy, Precision.Float32 },
            { [2, 257, 1], 15, Loss.Logistic, Precision.Float64 },
        };

    [CudaTheory]
    [MemberData(nameof(Problems))]
    public void Activations_rules_orders_and_losses_train_as_on_the_processor(
        Activation activation,
        string rule,
        BatchOrder order,
        Loss loss,
        Precision precision
    )
    {
        TrainingProblem problem = LaneReplicasTests.Problem(order, loss, activation, precision);
        bool rescaleWeights = (int)activation % 4 == 0;
        Same(
            new TrainingProblem
            {
                Network = problem.Network,
                Precision = precision,
                Seed = problem.Seed,
                Data = problem.Data,
                Optimizer = EveryRule.Find(rule, rescaleWeights),
                Batch = problem.Batch,
                InitialPoint = problem.InitialPoint,
            }
        );
    }

    [CudaTheory]
    [MemberData(nameof(Shapes))]
    public void Awkward_shapes_train_as_on_the_processor(int[] widths, int batch, Loss loss, Precision precision) =>
        Same(Problem(widths, batch, loss, precision));

    [CudaFact]
    public void A_net_that_fits_no_shared_memory_trains_as_on_the_processor()
    {
        TrainingProblem problem = Problem([90, 260, 130, 3], 9, Loss.CrossEntropy, Precision.Float64);
        Same(problem);
    }

    [CudaTheory]
    [InlineData("momentum", Precision.Float32)]
    [InlineData("adam", Precision.Float64)]
    public void Replicas_with_numbers_of_their_own_have_the_bits_that_they_have_alone(
        string rule,
        Precision precision
    ) =>
        WaveTests.Check(
            WaveTests.Groups(EveryRule.Find(rule, rescaleWeights: false), precision),
            fixture.Backend.CreateReplicas
        );

    [CudaFact]
    public void Pauses_neighbours_and_own_data_change_no_bit()
    {
        TrainingProblem problem = Problem([5, 4, 3], 4, Loss.CrossEntropy, Precision.Float32, ownData: true);
        using IReplicas whole = fixture.Backend.CreateReplicas(problem, 0, 5);
        whole.Advance(Steps);
        int p = problem.Network.ParameterCount;
        double[] all = new double[5 * p];
        whole.CopyParameters(all);
        using IReplicas part = fixture.Backend.CreateReplicas(problem, 3, 2);
        part.Advance(2);
        part.Advance(0);
        part.Advance(Steps - 2);
        double[] own = new double[2 * p];
        part.CopyParameters(own);
        own.ShouldBe(all[(3 * p)..]);
        part.Step.ShouldBe(Steps);
        Same(problem);
    }

    private static TrainingProblem Problem(
        int[] widths,
        int batch,
        Loss loss,
        Precision precision,
        bool ownData = false
    )
    {
        const int samples = 23;
        bool[] bias = [true, false, true, true, false];
        Network network = new(widths, bias.AsSpan(0, widths.Length - 1), Activation.Relu, loss);
        return new TrainingProblem
        {
            Network = network,
            Precision = precision,
            Seed = 7,
            Data = new SineData(network, samples, ownData),
            Optimizer = new MomentumSpec { StepSize = new Schedule(0.05), Momentum = new Schedule(0.5) },
            Batch = new BatchSpec { Order = BatchOrder.WithReplacement, Size = batch },
            InitialPoint = (replica, parameters) =>
            {
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] = (float)(0.3 * Math.Sin((i + 1.0) * (i + 1.0) + replica));
                }
            },
        };
    }

    private void Same(TrainingProblem problem)
    {
        using CpuBackend cpu = new(2);
        using IReplicas expected = cpu.CreateReplicas(problem, First, Replicas);
        using IReplicas found = fixture.Backend.CreateReplicas(problem, First, Replicas);
        expected.Advance(Steps);
        found.Advance(Steps);
        double[] of = new double[Replicas * problem.Network.ParameterCount];
        double[] by = new double[of.Length];
        expected.CopyParameters(of);
        found.CopyParameters(by);
        by.ShouldBe(of);
        found.StateCount.ShouldBe(expected.StateCount);
        double[] stateOf = new double[of.Length * expected.StateCount];
        double[] stateBy = new double[stateOf.Length];
        expected.CopyState(stateOf);
        found.CopyState(stateBy);
        stateBy.ShouldBe(stateOf);
        DataSet data = problem.Data.Training(First, Replicas);
        double[] loss = new double[Replicas];
        double[] accuracy = new double[Replicas];
        expected.LossAndAccuracy(data, loss, accuracy);
        double[] foundLoss = new double[Replicas];
        double[] foundAccuracy = new double[Replicas];
        found.LossAndAccuracy(data, foundLoss, foundAccuracy);
        foundLoss.ShouldBe(loss);
        foundAccuracy.ShouldBe(accuracy);
    }

    /// <summary>Smooth numbers without a pattern, one set for all replicas or one each.</summary>
    internal sealed class SineData(Network network, int samples, bool perReplica) : IDataSource
    {
        public int Dimension => network.InputWidth;

        public int Outputs => network.OutputWidth;

        public int Samples => samples;

        public int TestSamples => 0;

        public bool PerReplica => perReplica;

        public string ContentHash => string.Empty;

        public DataSet Training(int first, int count)
        {
            int sets = perReplica ? count : 1;
            int classes = Math.Max(network.Loss == Loss.Logistic ? 2 : 1, Outputs);
            double[] inputs = new double[sets * samples * Dimension];
            for (int i = 0; i < inputs.Length; i++)
            {
                long at = i + (perReplica ? (long)first * samples * Dimension : 0);
                inputs[i] = (float)Math.Sin((at + 7.0) * (at + 7.0));
            }

            int[] labels = [.. Enumerable.Range(0, sets * samples).Select(n => n % samples % classes)];
            return new DataSet(samples, Dimension, Outputs, sets, inputs, labels, null);
        }

        public DataSet? Test(int first, int count) => null;
    }
}
