using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Reference;
using Hesse.Networks;
using Hesse.Specs;
using static Hesse.Tests.Backends.Distributed.DistributedCases;

namespace Hesse.Tests.Backends.Distributed;

/// <summary>What holds for every aggregation: one result on all backends, the same bits however the replicas are computed.</summary>
[Trait("Category", "Numerical")]
public sealed class DistributedTrainingTests
{
    // Seven steps in double: rounding differs in the order of a few sums, in elementary functions and in fused operations.
    private const double DoublePrecision = 1e-12;

    private const int Steps = 7;
    private const int First = 2;
    private const int Replicas = 3;

    public static TheoryData<Aggregation> Aggregations => [.. Enum.GetValues<Aggregation>()];

    [Theory]
    [MemberData(nameof(Aggregations))]
    public void Cpu_trains_as_the_reference_does(Aggregation aggregation)
    {
        TrainingProblem problem = Problem(ByAggregation[aggregation], Precision.Float64);
        using ReferenceBackend reference = new();
        using CpuBackend cpu = new(2);
        double[] expected = Train(reference, problem, First, Replicas, Steps);
        double[] found = Train(cpu, problem, First, Replicas, Steps);
        found.ShouldBe(expected, DoublePrecision);
        found.ShouldNotBe(Train(cpu, Problem(workers: null, Precision.Float64), First, Replicas, Steps));
    }

    [Theory]
    [MemberData(nameof(Aggregations))]
    public void Bits_do_not_depend_on_wave_threads_or_pauses(Aggregation aggregation)
    {
        MomentumSpec momentum = new() { StepSize = new(0.1), Momentum = new(0.5) };
        TrainingProblem problem = Problem(ByAggregation[aggregation], Precision.Float32, optimizer: momentum);
        using CpuBackend two = new(2);
        using CpuBackend one = new(1);
        double[] whole = Train(two, problem, First, Replicas, Steps);
        whole.ShouldBe([.. whole.Select(x => (double)(float)x)]);
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
    public void One_worker_alone_is_plain_training()
    {
        TrainingProblem plain = Problem(workers: null, Precision.Float32);
        using CpuBackend cpu = new(2);
        double[] expected = Train(cpu, plain, First, Replicas, Steps);
        foreach (
            WorkersSpec workers in new[]
            {
                Of(1, Aggregation.Mean),
                Of(1, Aggregation.Median),
                Of(1, Aggregation.Safeguard),
                Of(1, Aggregation.Local) with
                {
                    Period = 2,
                },
                Of(1, Aggregation.GossipPga) with
                {
                    Period = 2,
                    Graph = WorkerGraph.Ring,
                },
            }
        )
        {
            Train(cpu, With(plain, workers), First, Replicas, Steps).ShouldBe(expected, workers.ToString());
        }
    }

    [Theory]
    [InlineData(Attack.LabelFlip)]
    [InlineData(Attack.Delayed)]
    public void An_attack_of_nobody_changes_nothing(Attack attack)
    {
        using CpuBackend cpu = new(2);
        WorkersSpec honest = Of(4, Aggregation.Median) with { Noise = 0.1 };
        WorkersSpec nobody = honest with
        {
            Byzantine = new ByzantineSpec { Count = 0, Attack = attack },
        };
        Train(cpu, Problem(nobody, Precision.Float64), First, Replicas, Steps)
            .ShouldBe(Train(cpu, Problem(honest, Precision.Float64), First, Replicas, Steps));
    }

    [Fact]
    public void Workers_with_all_rows_agree_and_train_as_one()
    {
        TrainingProblem plain = Problem(workers: null, Precision.Float64, BatchOrder.Full);
        using CpuBackend cpu = new(2);
        double[] expected = Train(cpu, plain, First, Replicas, Steps);
        Train(cpu, With(plain, Of(3, Aggregation.Median)), First, Replicas, Steps).ShouldBe(expected);
        Train(cpu, With(plain, Of(3, Aggregation.Mean)), First, Replicas, Steps).ShouldBe(expected, DoublePrecision);
    }

    [Fact]
    public void The_sign_of_the_median_is_the_majority_vote_of_an_odd_number_of_workers()
    {
        SignSgdSpec sign = new() { StepSize = new(0.01) };
        SgdSpec plain = new() { StepSize = new(0.01) };
        using CpuBackend cpu = new(2);
        WorkersSpec median = Of(5, Aggregation.Median) with { Noise = 0.1 };
        double[] expected = Train(cpu, Problem(median, Precision.Float64, optimizer: sign), First, Replicas, Steps);
        WorkersSpec vote = median with { Aggregation = Aggregation.MajorityVote };
        Train(cpu, Problem(vote, Precision.Float64, optimizer: plain), First, Replicas, Steps).ShouldBe(expected);
    }

    [Fact]
    public void A_replica_that_diverges_shows_itself()
    {
        foreach ((Aggregation aggregation, WorkersSpec workers) in ByAggregation)
        {
            // A net whose outputs overflow has no gradient.
            TrainingProblem calm = Problem(workers, Precision.Float32);
            TrainingProblem wild = new()
            {
                Network = new Network([11, 9, 3], [true], Activation.Relu, Loss.CrossEntropy),
                Precision = Precision.Float32,
                Seed = calm.Seed,
                Data = calm.Data,
                Optimizer = calm.Optimizer,
                Batch = calm.Batch,
                Workers = workers with { Byzantine = null },
                InitialPoint = (_, parameters) => parameters.Fill(3e38),
            };
            using CpuBackend cpu = new(1);
            Train(cpu, wild, 0, 1, 2).ShouldContain(x => !double.IsFinite(x), aggregation.ToString());
        }
    }
}
