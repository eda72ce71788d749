using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Stepwise;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends.Cpu.Lanes;

namespace Hesse.Tests.Backends.Distributed;

/// <summary>Problems whose replicas simulate workers.</summary>
internal static class DistributedCases
{
    /// <summary>Every aggregation once, with noise, split and attack where they apply.</summary>
    public static IReadOnlyDictionary<Aggregation, WorkersSpec> ByAggregation { get; } =
        new Dictionary<Aggregation, WorkersSpec>
        {
            [Aggregation.Mean] = Of(5, Aggregation.Mean) with
            {
                Noise = 0.01,
                Byzantine = new ByzantineSpec { Count = 1, Attack = Attack.Zero },
            },
            [Aggregation.Median] = Of(4, Aggregation.Median) with
            {
                Noise = 0.1,
                Split = WorkerSplit.ByClass,
                Byzantine = new ByzantineSpec { Count = 1, Attack = Attack.LabelFlip },
            },
            [Aggregation.MajorityVote] = Of(3, Aggregation.MajorityVote) with
            {
                Noise = 0.1,
                Byzantine = new ByzantineSpec { Count = 1, Attack = Attack.Variance },
            },
            [Aggregation.StoSign] = Of(3, Aggregation.StoSign),
            [Aggregation.Safeguard] = Of(5, Aggregation.Safeguard) with
            {
                Noise = 0.01,
                Period = 3,
                Byzantine = new ByzantineSpec
                {
                    Count = 2,
                    Attack = Attack.Delayed,
                    Delay = 2,
                },
            },
            [Aggregation.Local] = Of(3, Aggregation.Local) with { Period = 3, Split = WorkerSplit.ByClass },
            [Aggregation.GossipPga] = Of(6, Aggregation.GossipPga) with { Period = 3, Graph = WorkerGraph.Grid },
        };

    /// <summary>Workers with an aggregation and nothing else.</summary>
    public static WorkersSpec Of(int count, Aggregation aggregation) =>
        new() { Count = count, Aggregation = aggregation };

    /// <summary>A problem with 23 samples of 3 classes and 171 parameters.</summary>
    public static TrainingProblem Problem(
        WorkersSpec? workers,
        Precision precision,
        BatchOrder order = BatchOrder.Epochs,
        OptimizerSpec? optimizer = null
    ) => With(LaneReplicasTests.Problem(order, Loss.CrossEntropy, Activation.Tanh, precision), workers, optimizer);

    /// <summary>The same problem with workers.</summary>
    public static TrainingProblem With(
        TrainingProblem problem,
        WorkersSpec? workers,
        OptimizerSpec? optimizer = null
    ) =>
        new()
        {
            Network = problem.Network,
            Precision = problem.Precision,
            Seed = problem.Seed,
            Data = problem.Data,
            Optimizer = optimizer ?? problem.Optimizer,
            Batch = problem.Batch,
            Workers = workers,
            InitialPoint = problem.InitialPoint,
        };

    /// <summary>
    /// f(x) = (1/3) sum_i (x - a_i)^2 / 2 with a = (1, 2, 10), one worker a summand, x_0 = 0.0005, step 0.001: figure 1 of Chen,
    /// Chen, Sun, Wu, Hong, NeurIPS 2020.
    /// </summary>
    public static TrainingProblem Toy(Aggregation aggregation, double noise) =>
        new()
        {
            Network = new Network([1, 1], [false], Activation.Identity, Loss.HalfSquaredError),
            Precision = Precision.Float64,
            Seed = 5,
            Data = new MemoryData(new DataSet(3, 1, 1, 1, [1, 1, 1], [0, 0, 1], [1, 2, 10])),
            Optimizer = new SgdSpec { StepSize = new Schedule(0.001) },
            Batch = new BatchSpec { Order = BatchOrder.Full },
            Workers = Of(3, aggregation) with { Noise = noise, Split = WorkerSplit.ByClass },
            InitialPoint = (_, parameters) => parameters.Fill(0.0005),
        };

    /// <summary>Parameters after some steps. (R,P)</summary>
    public static double[] Train(IBackend backend, TrainingProblem problem, int first, int count, int steps)
    {
        using IReplicas replicas = backend.CreateReplicas(problem, first, count);
        replicas.Advance(steps);
        double[] parameters = new double[count * problem.Network.ParameterCount];
        replicas.CopyParameters(parameters);
        return parameters;
    }

    /// <summary>A wave with a rule that the test keeps hold of.</summary>
    public static StepwiseReplicas Wave<TRule>(
        CpuBackend backend,
        TrainingProblem problem,
        int count,
        Func<StepwiseReplicas, TRule> make,
        out TRule rule
    )
        where TRule : class, IStepwiseRule
    {
        TRule? made = null;
        StepwiseReplicas wave = new(new ReplicaGroup(problem, 0, count), backend, replicas => made = make(replicas));
        rule = made!;
        return wave;
    }
}
