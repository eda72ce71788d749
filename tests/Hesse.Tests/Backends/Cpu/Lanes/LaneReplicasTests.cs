using System.Numerics;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Tests.Backends.Cpu.Lanes;

/// <summary>A replica's bits are a function of the problem and its index: of nothing else.</summary>
[Trait("Category", "Numerical")]
public sealed class LaneReplicasTests
{
    private const int Steps = 7;

    public static TheoryData<BatchOrder, Loss, Activation> Problems =>
        new()
        {
            { BatchOrder.Epochs, Loss.CrossEntropy, Activation.Relu },
            { BatchOrder.WithReplacement, Loss.Mse, Activation.Tanh },
            { BatchOrder.Sequential, Loss.HalfSquaredError, Activation.Gelu },
            { BatchOrder.Full, Loss.CrossEntropy, Activation.Silu },
        };

    [Theory]
    [MemberData(nameof(Problems))]
    public void Bits_do_not_depend_on_neighbours_chunks_or_threads(BatchOrder order, Loss loss, Activation activation)
    {
        TrainingProblem problem = Problem(order, loss, activation, Precision.Float32);
        double[] whole = Train<Register256<float>, float>(problem, 0, 37, threads: 1);
        double[] threads = Train<Register256<float>, float>(problem, 0, 37, threads: 3);
        threads.ShouldBe(whole);
        int p = problem.Network.ParameterCount;
        foreach ((int first, int count) in new[] { (0, 1), (1, 5), (6, 16), (22, 15) })
        {
            double[] part = Train<Register256<float>, float>(problem, first, count, threads: 2);
            part.ShouldBe(whole[(first * p)..((first + count) * p)]);
        }
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void Bits_do_not_depend_on_the_register(BatchOrder order, Loss loss, Activation activation)
    {
        TrainingProblem single = Problem(order, loss, activation, Precision.Float32);
        double[] narrow = Train<Register128<float>, float>(single, 3, 9, threads: 1);
        Train<Register256<float>, float>(single, 3, 9, threads: 1).ShouldBe(narrow);
        Train<Register512<float>, float>(single, 3, 9, threads: 1).ShouldBe(narrow);
        TrainingProblem twice = Problem(order, loss, activation, Precision.Float64);
        double[] wide = Train<Register128<double>, double>(twice, 3, 9, threads: 1);
        Train<Register256<double>, double>(twice, 3, 9, threads: 1).ShouldBe(wide);
        Train<Register512<double>, double>(twice, 3, 9, threads: 1).ShouldBe(wide);
    }

    [Fact]
    public void Advancing_in_parts_gives_the_same_bits()
    {
        TrainingProblem problem = Problem(BatchOrder.Epochs, Loss.CrossEntropy, Activation.Relu, Precision.Float32);
        using Workers workers = new(2);
        using LaneReplicas<Register256<float>, float> replicas = new(new Wave(problem, 0, 11), workers);
        double[] loss = new double[11];
        replicas.Advance(3);
        replicas.LossAndAccuracy(problem.Data.Training(0, 11), loss, []);
        replicas.Advance(0);
        replicas.Advance(Steps - 3);
        double[] parameters = new double[11 * problem.Network.ParameterCount];
        replicas.CopyParameters(parameters);
        parameters.ShouldBe(Train<Register256<float>, float>(problem, 0, 11, threads: 1));
        replicas.Step.ShouldBe(Steps);
    }

    [Fact]
    public void A_diverging_replica_leaves_its_block_alone()
    {
        TrainingProblem calm = Problem(BatchOrder.Epochs, Loss.Mse, Activation.Relu, Precision.Float32);
        TrainingProblem wild = Problem(BatchOrder.Epochs, Loss.Mse, Activation.Relu, Precision.Float32, exploding: 4);
        int p = calm.Network.ParameterCount;
        double[] expected = Train<Register256<float>, float>(calm, 0, 8, threads: 1);
        double[] found = Train<Register256<float>, float>(wild, 0, 8, threads: 1);
        found.AsSpan(4 * p, p).ToArray().ShouldContain(x => !double.IsFinite(x));
        found[..(4 * p)].ShouldBe(expected[..(4 * p)]);
        found[(5 * p)..].ShouldBe(expected[(5 * p)..]);
    }

    [Fact]
    public void Training_allocates_nothing_per_step()
    {
        TrainingProblem problem = Problem(BatchOrder.Epochs, Loss.CrossEntropy, Activation.Relu, Precision.Float32);
        using Workers workers = new(1);
        using LaneReplicas<Register256<float>, float> replicas = new(new Wave(problem, 0, 8), workers);
        double[] loss = new double[8];
        DataSet data = problem.Data.Training(0, 8);
        // Once to compile, then two lengths: what they allocate must not grow with the steps.
        replicas.Advance(40);
        replicas.LossAndAccuracy(data, loss, []);
        long before = GC.GetAllocatedBytesForCurrentThread();
        replicas.Advance(400);
        replicas.LossAndAccuracy(data, loss, []);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(400);
    }

    internal static TrainingProblem Problem(
        BatchOrder order,
        Loss loss,
        Activation activation,
        Precision precision,
        int exploding = -1
    )
    {
        const int samples = 23;
        const int dimension = 11;
        const int outputs = 3;
        double[] inputs = new double[samples * dimension];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = (float)Math.Sin((i + 7.0) * (i + 7.0));
        }

        int[] labels = [.. Enumerable.Range(0, samples).Select(n => n % outputs)];
        return new TrainingProblem
        {
            Network = new Network([dimension, 9, 5, outputs], [true, false, true], activation, loss),
            Precision = precision,
            Seed = 99,
            Data = new MemoryData(new DataSet(samples, dimension, outputs, 1, inputs, labels, null)),
            Optimizer = new SgdSpec { StepSize = new Schedule(0.1, 0.5, [3]), WeightDecay = new Schedule(0.01) },
            Batch = new BatchSpec { Order = order, Size = order == BatchOrder.Full ? null : 5 },
            InitialPoint = (replica, parameters) =>
            {
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] =
                        replica == exploding ? 1e20f : (float)(0.5 * Math.Sin((i + 1.0) * (i + 1.0) + replica));
                }
            },
        };
    }

    private static double[] Train<V, T>(TrainingProblem problem, int first, int count, int threads)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Workers workers = new(threads);
        using LaneReplicas<V, T> replicas = new(new Wave(problem, first, count), workers);
        replicas.Advance(Steps);
        double[] parameters = new double[count * problem.Network.ParameterCount];
        replicas.CopyParameters(parameters);
        return parameters;
    }
}
