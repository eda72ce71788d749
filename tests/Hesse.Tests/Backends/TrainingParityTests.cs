using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Backends.Reference;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends.Cpu.Lanes;

namespace Hesse.Tests.Backends;

/// <summary>Reference, lanes and one net at a time train alike: the two CPU layouts bit for bit.</summary>
[Trait("Category", "Numerical")]
public sealed class TrainingParityTests
{
    // Seven steps in double: rounding differs only in the order of a few sums and in elementary functions.
    private const double DoublePrecision = 1e-12;

    // float32 carries 6e-8 relative error into each of seven steps with step size 0.1.
    private const double SinglePrecision = 2e-5;

    private const int Steps = 7;
    private const int Replicas = 5;

    public static TheoryData<BatchOrder, Loss, Activation> Problems
    {
        get
        {
            TheoryData<BatchOrder, Loss, Activation> problems = [];
            BatchOrder[] orders = Enum.GetValues<BatchOrder>();
            Loss[] losses = [Loss.CrossEntropy, Loss.Mse, Loss.HalfSquaredError];
            int at = 0;
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                problems.Add(orders[at % orders.Length], losses[at % losses.Length], activation);
                at++;
            }

            return problems;
        }
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void Backends_train_alike(BatchOrder order, Loss loss, Activation activation)
    {
        foreach (Precision precision in new[] { Precision.Float64, Precision.Float32 })
        {
            TrainingProblem problem = LaneReplicasTests.Problem(order, loss, activation, precision);
            using ReferenceBackend reference = new();
            using CpuBackend cpu = new(2);
            using IReplicas expected = reference.CreateReplicas(problem, 2, Replicas);
            using IReplicas found = cpu.CreateReplicas(problem, 2, Replicas);
            found.ShouldNotBeNull();
            Result of = Train(expected, problem);
            Result by = Train(found, problem);
            double tolerance = precision == Precision.Float64 ? DoublePrecision : SinglePrecision;
            Near(by.Parameters, of.Parameters, tolerance);
            Near(by.Loss, of.Loss, tolerance);
            by.Accuracy.ShouldBe(of.Accuracy, 1e-7);
        }
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void Both_layouts_give_the_same_bits(BatchOrder order, Loss loss, Activation activation)
    {
        TrainingProblem single = LaneReplicasTests.Problem(order, loss, activation, Precision.Float32);
        using Workers workers = new(2);
        using (IReplicas lanes = new LaneReplicas<Register256<float>, float>(new Wave(single, 2, Replicas), workers))
        using (IReplicas dense = new DenseReplicas<Register256<float>, float>(new Wave(single, 2, Replicas), workers))
        {
            Same(Train(dense, single), Train(lanes, single));
        }

        TrainingProblem twice = LaneReplicasTests.Problem(order, loss, activation, Precision.Float64);
        using (IReplicas lanes = new LaneReplicas<Register256<double>, double>(new Wave(twice, 2, Replicas), workers))
        using (IReplicas dense = new DenseReplicas<Register128<double>, double>(new Wave(twice, 2, Replicas), workers))
        {
            Same(Train(dense, twice), Train(lanes, twice));
        }
    }

    [Fact]
    public void A_net_too_large_for_lanes_trains_as_the_reference_does()
    {
        const int samples = 9;
        double[] inputs = [.. Enumerable.Range(0, samples * 200).Select(i => (float)Math.Sin((i + 1.0) * (i + 1.0)))];
        int[] labels = [.. Enumerable.Range(0, samples).Select(n => n % 10)];
        TrainingProblem problem = new()
        {
            Network = new Network([200, 130, 10], [true], Activation.Relu, Loss.CrossEntropy),
            Precision = Precision.Float64,
            Seed = 5,
            Data = new MemoryData(new DataSet(samples, 200, 10, 1, inputs, labels, null)),
            Optimizer = new SgdSpec { StepSize = new Schedule(0.05) },
            Batch = new BatchSpec { Order = BatchOrder.Epochs, Size = 4 },
            InitialPoint = (replica, parameters) =>
            {
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] = 0.1 * Math.Sin((i + 1.0) * (i + 1.0) + replica);
                }
            },
        };
        using ReferenceBackend reference = new();
        using CpuBackend cpu = new(2);
        using IReplicas expected = reference.CreateReplicas(problem, 0, 2);
        using IReplicas found = cpu.CreateReplicas(problem, 0, 2);
        found.ShouldBeOfType(
            System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated
                ? typeof(DenseReplicas<Register512<double>, double>)
            : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated
                ? typeof(DenseReplicas<Register256<double>, double>)
            : typeof(DenseReplicas<Register128<double>, double>)
        );
        Near(Train(found, problem).Parameters, Train(expected, problem).Parameters, DoublePrecision);
    }

    private static Result Train(IReplicas replicas, TrainingProblem problem)
    {
        replicas.Advance(Steps);
        double[] parameters = new double[replicas.Count * problem.Network.ParameterCount];
        double[] loss = new double[replicas.Count];
        double[] accuracy = new double[replicas.Count];
        replicas.CopyParameters(parameters);
        replicas.LossAndAccuracy(replicas.Wave.Training(), loss, accuracy);
        return new Result(parameters, loss, accuracy);
    }

    private static void Near(double[] found, double[] expected, double tolerance)
    {
        double scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            found[i].ShouldBe(expected[i], tolerance * scale);
        }
    }

    private static void Same(Result found, Result expected)
    {
        found.Parameters.ShouldBe(expected.Parameters);
        found.Loss.ShouldBe(expected.Loss);
        found.Accuracy.ShouldBe(expected.Accuracy);
    }

    private sealed record Result(double[] Parameters, double[] Loss, double[] Accuracy);
}
