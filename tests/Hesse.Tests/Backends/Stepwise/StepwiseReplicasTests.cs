using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Reference;
using Hesse.Backends.Stepwise;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends.Cpu.Lanes;
using Hesse.Tests.Optimizers;
using static Hesse.Tests.Backends.Distributed.DistributedCases;

namespace Hesse.Tests.Backends.Stepwise;

/// <summary>A single worker's training, made step by step, is plain training: the same bits on the processor's backend.</summary>
[Trait("Category", "Numerical")]
public sealed class StepwiseReplicasTests
{
    // Seven steps in double: rounding differs in the order of a few sums, in elementary functions and in fused operations.
    private const double DoublePrecision = 1e-12;

    private const int Steps = 7;
    private const int First = 2;
    private const int Replicas = 3;

    private static readonly WorkersSpec s_one = new() { Count = 1, Aggregation = Aggregation.Mean };

    public static TheoryData<BatchOrder, Precision> Orders
    {
        get
        {
            TheoryData<BatchOrder, Precision> cases = [];
            foreach (BatchOrder order in Enum.GetValues<BatchOrder>())
            {
                cases.Add(order, Precision.Float32);
                cases.Add(order, Precision.Float64);
            }

            return cases;
        }
    }

    public static TheoryData<string, bool> Rules => EveryRule.Cases;

    [Theory]
    [MemberData(nameof(Orders))]
    public void One_worker_is_plain_training_bit_for_bit(BatchOrder order, Precision precision)
    {
        foreach (Loss loss in new[] { Loss.CrossEntropy, Loss.Mse })
        {
            TrainingProblem plain = LaneReplicasTests.Problem(order, loss, Activation.Tanh, precision);
            using CpuBackend cpu = new(2);
            Train(cpu, With(plain, s_one)).ShouldBe(Train(cpu, plain));
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_rule_follows_its_fused_form(string name, bool rescaleWeights)
    {
        TrainingProblem plain = With(
            LaneReplicasTests.Problem(BatchOrder.Epochs, Loss.Mse, Activation.Tanh, Precision.Float32),
            workers: null,
            EveryRule.Find(name, rescaleWeights)
        );
        using CpuBackend cpu = new(2);
        Train(cpu, With(plain, s_one)).ShouldBe(Train(cpu, plain));
        using ReferenceBackend reference = new();
        Train(reference, With(plain, s_one)).ShouldBe(Train(reference, plain), DoublePrecision);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void State_is_that_of_the_fused_form(string name, bool rescaleWeights)
    {
        TrainingProblem plain = Problem(
            workers: null,
            Precision.Float32,
            optimizer: EveryRule.Find(name, rescaleWeights)
        );
        using CpuBackend cpu = new(1);
        using ReferenceBackend reference = new();
        foreach (IBackend backend in new IBackend[] { cpu, reference })
        {
            double[] expected = State(backend, plain);
            State(backend, With(plain, s_one)).ShouldBe(expected);
            WorkersSpec local = new()
            {
                Count = 1,
                Aggregation = Aggregation.Local,
                Period = 2,
            };
            State(backend, With(plain, local)).ShouldBe(expected);
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_wave_threads_or_pauses()
    {
        TrainingProblem problem = With(
            LaneReplicasTests.Problem(BatchOrder.Epochs, Loss.CrossEntropy, Activation.Tanh, Precision.Float32),
            new WorkersSpec { Count = 3, Aggregation = Aggregation.Mean }
        );
        using CpuBackend two = new(2);
        using CpuBackend one = new(1);
        double[] whole = Train(two, problem);
        for (int replica = 0; replica < Replicas; replica++)
        {
            using IReplicas alone = one.CreateReplicas(problem, First + replica, 1);
            alone.Advance(3);
            alone.Advance(0);
            alone.Advance(Steps - 3);
            double[] parameters = new double[problem.Network.ParameterCount];
            alone.CopyParameters(parameters);
            parameters.ShouldBe(whole[(replica * parameters.Length)..((replica + 1) * parameters.Length)]);
        }
    }

    [Fact]
    public void Sets_of_their_own_train_and_are_judged_as_in_plain_training()
    {
        foreach (Loss loss in new[] { Loss.CrossEntropy, Loss.HalfSquaredError, Loss.Logistic })
        {
            GaussDataSpec data = new()
            {
                Classes = 2,
                Dimension = 11,
                Samples = 9,
                PerReplica = true,
                RandomLabels = 0.5,
            };
            TrainingProblem like = LaneReplicasTests.Problem(
                BatchOrder.Epochs,
                Loss.Mse,
                Activation.Tanh,
                Precision.Float64
            );
            TrainingProblem plain = new()
            {
                Network = new Network([11, 4, loss == Loss.Logistic ? 1 : 2], [true], Activation.Tanh, loss),
                Precision = like.Precision,
                Seed = like.Seed,
                Data = new GaussData(data, 3, like.Precision),
                Optimizer = like.Optimizer,
                Batch = like.Batch,
                InitialPoint = like.InitialPoint,
            };
            using CpuBackend cpu = new(2);
            using IReplicas expected = cpu.CreateReplicas(plain, First, Replicas);
            using IReplicas found = cpu.CreateReplicas(With(plain, s_one), First, Replicas);
            found.ShouldBeOfType<StepwiseReplicas>();
            DataSet samples = plain.Data.Training(First, Replicas);
            for (int step = 0; step < Steps; step++)
            {
                expected.Advance(1);
                found.Advance(1);
                (double[] loss, double[] accuracy) of = Judge(expected, samples);
                (double[] loss, double[] accuracy) by = Judge(found, samples);
                by.loss.ShouldBe(of.loss, DoublePrecision);
                by.accuracy.ShouldBe(of.accuracy);
            }
        }
    }

    [Fact]
    public void A_step_allocates_no_arrays()
    {
        TrainingProblem problem = With(
            LaneReplicasTests.Problem(
                BatchOrder.WithReplacement,
                Loss.CrossEntropy,
                Activation.Tanh,
                Precision.Float32
            ),
            s_one
        );
        using CpuBackend cpu = new(1);
        using IReplicas replicas = cpu.CreateReplicas(problem, 0, 64);
        replicas.Advance(20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        replicas.Advance(100);
        // A few small objects a step, whatever the number of replicas; the parameters of one replica alone take 1368 bytes.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100 * 1200);
    }

    private static (double[] Loss, double[] Accuracy) Judge(IReplicas replicas, DataSet samples)
    {
        double[] loss = new double[replicas.Count];
        double[] accuracy = new double[replicas.Count];
        replicas.LossAndAccuracy(samples, loss, accuracy);
        return (loss, accuracy);
    }

    private static double[] State(IBackend backend, TrainingProblem problem)
    {
        using IReplicas replicas = backend.CreateReplicas(problem, First, Replicas);
        replicas.Advance(Steps);
        double[] state = new double[Replicas * replicas.StateCount * problem.Network.ParameterCount];
        replicas.CopyState(state);
        return state;
    }

    private static double[] Train(IBackend backend, TrainingProblem problem) =>
        Distributed.DistributedCases.Train(backend, problem, First, Replicas, Steps);
}
