using System.Numerics;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Backends.Reference;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends.Cpu.Lanes;

namespace Hesse.Tests.Optimizers;

/// <summary>What holds for every update rule, with and without rescaled weights: one result on all backends and layouts.</summary>
[Trait("Category", "Numerical")]
public sealed class UpdateRuleTests
{
    // Seven steps in double: rounding differs in the order of a few sums, in elementary functions and in fused operations.
    private const double DoublePrecision = 1e-12;

    private const int Steps = 7;
    private const int First = 2;
    private const int Replicas = 5;

    public static TheoryData<string, bool> Cases => EveryRule.Cases;

    [Fact]
    public void Every_kind_of_the_specification_is_tested()
    {
        string[] kinds =
        [
            .. OptimizerKinds.All.Schema()["oneOf"]!
                .AsArray()
                .Select(kind => kind!["properties"]!["kind"]!["const"]!.GetValue<string>()),
        ];
        string[] tested = [.. EveryRule.ByName.Keys, .. EveryRule.StepByStep];
        tested.ShouldBe(kinds);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Cpu_trains_as_the_reference_does(string name, bool rescaleWeights)
    {
        TrainingProblem problem = Problem(name, rescaleWeights, Precision.Float64);
        using ReferenceBackend reference = new();
        using CpuBackend cpu = new(2);
        double[] expected = Train(reference.CreateReplicas(problem, First, Replicas), problem);
        double[] found = Train(cpu.CreateReplicas(problem, First, Replicas), problem);
        found.ShouldBe(expected, DoublePrecision);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Layouts_and_registers_give_the_same_bits(string name, bool rescaleWeights)
    {
        // 171 parameters: no multiple of 8 or 16, so that registers have a remainder.
        TrainingProblem single = Problem(name, rescaleWeights, Precision.Float32);
        double[] expected = Lanes<Register128<float>, float>(single);
        Lanes<Register256<float>, float>(single).ShouldBe(expected);
        Lanes<Register512<float>, float>(single).ShouldBe(expected);
        Dense<Register128<float>, float>(single).ShouldBe(expected);
        Dense<Register256<float>, float>(single).ShouldBe(expected);
        Dense<Register512<float>, float>(single).ShouldBe(expected);
        TrainingProblem twice = Problem(name, rescaleWeights, Precision.Float64);
        expected = Lanes<Register128<double>, double>(twice);
        Lanes<Register256<double>, double>(twice).ShouldBe(expected);
        Dense<Register256<double>, double>(twice).ShouldBe(expected);
        Dense<Register512<double>, double>(twice).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bits_do_not_depend_on_pauses_or_neighbours(string name, bool rescaleWeights)
    {
        TrainingProblem problem = Problem(name, rescaleWeights, Precision.Float32);
        double[] whole = Lanes<Register256<float>, float>(problem);
        using Workers workers = new(2);
        foreach (int replica in new[] { 0, Replicas - 1 })
        {
            using LaneReplicas<Register256<float>, float> alone = new(new Wave(problem, First + replica, 1), workers);
            alone.Advance(3);
            alone.Advance(0);
            alone.Advance(Steps - 3);
            double[] parameters = new double[problem.Network.ParameterCount];
            alone.CopyParameters(parameters);
            parameters.ShouldBe(whole[(replica * parameters.Length)..((replica + 1) * parameters.Length)]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_diverging_replica_leaves_its_block_alone_and_shows_itself(string name, bool rescaleWeights)
    {
        double[] calm = Lanes<Register256<float>, float>(Problem(name, rescaleWeights, Precision.Float32));
        TrainingProblem wild = Problem(name, rescaleWeights, Precision.Float32, exploding: First + 1);
        double[] found = Lanes<Register256<float>, float>(wild);
        int p = wild.Network.ParameterCount;
        found[..p].ShouldBe(calm[..p]);
        found[(2 * p)..].ShouldBe(calm[(2 * p)..]);
        found[p..(2 * p)].ShouldContain(x => !double.IsFinite(x));
    }

    [Fact]
    public void Training_allocates_nothing_per_step()
    {
        using Workers workers = new(1);
        foreach (string name in EveryRule.ByName.Keys)
        {
            TrainingProblem problem = Problem(name, true, Precision.Float32);
            using LaneReplicas<Register256<float>, float> replicas = new(new Wave(problem, 0, 8), workers);
            replicas.Advance(40);
            long before = GC.GetAllocatedBytesForCurrentThread();
            replicas.Advance(400);
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(400, name);
        }
    }

    private static TrainingProblem Problem(string name, bool rescaleWeights, Precision precision, int exploding = -1)
    {
        TrainingProblem problem = LaneReplicasTests.Problem(
            BatchOrder.Epochs,
            Loss.Mse,
            Activation.Tanh,
            precision,
            exploding
        );
        return new TrainingProblem
        {
            Network = problem.Network,
            Precision = precision,
            Seed = problem.Seed,
            Data = problem.Data,
            Optimizer = EveryRule.Find(name, rescaleWeights),
            Batch = problem.Batch,
            InitialPoint = problem.InitialPoint,
        };
    }

    private static double[] Lanes<V, T>(TrainingProblem problem)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Workers workers = new(2);
        return Train(new LaneReplicas<V, T>(new Wave(problem, First, Replicas), workers), problem);
    }

    private static double[] Dense<V, T>(TrainingProblem problem)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Workers workers = new(2);
        return Train(new DenseReplicas<V, T>(new Wave(problem, First, Replicas), workers), problem);
    }

    private static double[] Train(IReplicas replicas, TrainingProblem problem)
    {
        using (replicas)
        {
            replicas.Advance(Steps);
            double[] parameters = new double[replicas.Count * problem.Network.ParameterCount];
            replicas.CopyParameters(parameters);
            return parameters;
        }
    }
}
