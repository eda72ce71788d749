using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Distributed;
using Hesse.Backends.Stepwise;
using Hesse.Networks;
using Hesse.Specs;
using static Hesse.Tests.Backends.Distributed.DistributedCases;

namespace Hesse.Tests.Backends.Distributed;

/// <summary>Local SGD and gossip with periodic means.</summary>
[Trait("Category", "Numerical")]
public sealed class LocalUpdateTests
{
    // Seven steps in double: only the order of a few additions differs.
    private const double DoublePrecision = 1e-12;

    private const int Steps = 7;

    public static TheoryData<WorkerGraph, int> Graphs
    {
        get
        {
            TheoryData<WorkerGraph, int> cases = [];
            foreach (WorkerGraph graph in Enum.GetValues<WorkerGraph>())
            {
                foreach (int count in new[] { 4, 6, 9, 16 })
                {
                    cases.Add(graph, count);
                }
            }

            cases.Add(WorkerGraph.Ring, 1);
            cases.Add(WorkerGraph.Ring, 2);
            cases.Add(WorkerGraph.Complete, 3);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Weights_are_symmetric_and_doubly_stochastic_on_the_graphs_edges(WorkerGraph graph, int count)
    {
        MixingMatrix weights = new(graph, count);
        int edges = 0;
        for (int i = 0; i < count; i++)
        {
            double row = 0;
            for (int j = 0; j < count; j++)
            {
                weights[i, j].ShouldBe(weights[j, i]);
                weights[i, j].ShouldBeGreaterThanOrEqualTo(-1e-15);
                edges += i < j && weights[i, j] > 0 ? 1 : 0;
                row += weights[i, j];
            }

            row.ShouldBe(1, 1e-15);
        }

        int rows = WorkersSection.RowsOf(count);
        int expected = graph switch
        {
            WorkerGraph.Complete => count * (count - 1) / 2,
            WorkerGraph.Ring => count > 2 ? count : count - 1,
            _ => (2 * count) - rows - (count / rows),
        };
        edges.ShouldBe(expected);
    }

    [Fact]
    public void Meeting_after_every_step_is_the_mean_of_the_gradients()
    {
        TrainingProblem mean = Problem(Of(4, Aggregation.Mean), Precision.Float64);
        using CpuBackend cpu = new(2);
        double[] expected = Train(cpu, mean, 2, 3, Steps);
        double[] local = Train(cpu, With(mean, Of(4, Aggregation.Local) with { Period = 1 }), 2, 3, Steps);
        local.ShouldBe(expected, DoublePrecision);
        foreach (WorkerGraph graph in Enum.GetValues<WorkerGraph>())
        {
            WorkersSpec gossip = Of(4, Aggregation.GossipPga) with { Period = 1, Graph = graph };
            Train(cpu, With(mean, gossip), 2, 3, Steps).ShouldBe(local);
        }

        // On the complete graph every step is a mean, whatever the period.
        WorkersSpec complete = Of(4, Aggregation.GossipPga) with
        {
            Period = 100,
            Graph = WorkerGraph.Complete,
        };
        Train(cpu, With(mean, complete), 2, 3, Steps).ShouldBe(expected, DoublePrecision);
    }

    [Fact]
    public void Momentum_is_kept_by_each_worker()
    {
        MomentumSpec momentum = new() { StepSize = new(0.1), Momentum = new(0.9) };
        TrainingProblem mean = Problem(Of(4, Aggregation.Mean), Precision.Float64, optimizer: momentum);
        using CpuBackend cpu = new(2);
        // A linear rule: the mean of the workers' momenta is the momentum of the mean.
        Train(cpu, With(mean, Of(4, Aggregation.Local) with { Period = 1 }), 0, 2, Steps)
            .ShouldBe(Train(cpu, mean, 0, 2, Steps), DoublePrecision);
    }

    [Fact]
    public void Local_training_without_a_meeting_is_the_mean_of_separate_trainings()
    {
        TrainingProblem plain = Problem(workers: null, Precision.Float64, BatchOrder.Full);
        using CpuBackend cpu = new(1);
        double[] whole = Train(cpu, plain, 0, 1, Steps);
        // All rows for everyone: all workers take the same path.
        WorkersSpec workers = Of(3, Aggregation.Local) with
        {
            Period = 100,
        };
        Train(cpu, With(plain, workers), 0, 1, Steps).ShouldBe(whole, DoublePrecision);
    }

    [Fact]
    public void Workers_stray_further_the_longer_they_are_alone()
    {
        int[] periods = [1, 4, 16];
        double[] ring = [.. periods.Select(period => Spread(Aggregation.GossipPga, period, WorkerGraph.Ring))];
        double[] grid = [.. periods.Select(period => Spread(Aggregation.GossipPga, period, WorkerGraph.Grid))];
        double[] alone = [.. periods.Select(period => Spread(Aggregation.Local, period, null))];
        foreach (double[] spreads in new[] { ring, grid, alone })
        {
            spreads[0].ShouldBe(0);
            spreads[1].ShouldBeGreaterThan(0);
            spreads[2].ShouldBeGreaterThan(spreads[1]);
        }

        // The better the graph is connected, the closer they stay; without a graph they stay least.
        grid[2].ShouldBeLessThan(ring[2]);
        ring[2].ShouldBeLessThan(alone[2]);
    }

    // sqrt of the mean of ||x_m - mean||^2 over the workers and the steps of 32, after each meeting or mixing.
    private static double Spread(Aggregation aggregation, int period, WorkerGraph? graph)
    {
        WorkersSpec workers = Of(9, aggregation) with { Period = period, Graph = graph };
        SgdSpec optimizer = new() { StepSize = new(0.05) };
        using CpuBackend cpu = new(1);
        using StepwiseReplicas wave = Wave(
            cpu,
            Problem(workers, Precision.Float64, optimizer: optimizer),
            1,
            replicas => new LocalUpdate(replicas, workers),
            out LocalUpdate rule
        );
        double squares = 0;
        const int steps = 32;
        for (int step = 0; step < steps; step++)
        {
            wave.Advance(1);
            for (int worker = 0; worker < 9; worker++)
            {
                Span<double> x = rule.Parameters.Of(worker, 0);
                for (int i = 0; i < x.Length; i++)
                {
                    squares += Math.Pow(x[i] - wave.ParametersOf(0)[i], 2) / (9 * steps);
                }
            }
        }

        return Math.Sqrt(squares);
    }
}
