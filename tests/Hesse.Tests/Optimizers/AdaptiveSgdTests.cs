using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class AdaptiveSgdTests
{
    private static readonly Network s_network = new([3, 5, 2], [true], Activation.Tanh, Loss.Mse);

    private static readonly DataSet s_data = ReferenceCases.DataFor(s_network);

    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void On_a_quadratic_it_is_steepest_descent_with_exact_steps(string backend)
    {
        double[] curvatures = [1, 3];
        double[][] path = Quadratic.Train(backend, new AdaptiveSgdSpec(), 6, curvatures);
        double[] w = [1, 1];
        for (int step = 0; step <= 6; step++)
        {
            path[step].ShouldBe(w, Quadratic.Tolerance(1));
            double[] g = [w[0], 3 * w[1]];
            double eta = ((g[0] * g[0]) + (g[1] * g[1])) / ((g[0] * g[0]) + (3 * g[1] * g[1]));
            w = [w[0] - (eta * g[0]), w[1] - (eta * g[1])];
        }
    }

    [Theory]
    [InlineData("reference", BatchOrder.Epochs)]
    [InlineData("cpu", BatchOrder.Epochs)]
    [InlineData("cpu", BatchOrder.WithReplacement)]
    public void The_step_is_the_ratio_of_the_formula(string backend, BatchOrder order)
    {
        const int Size = 3;
        AdaptiveSgdSpec spec = new() { StepSize = new(0.7), Refresh = 2 };
        using IBackend opened = BackendSelector.Open(backend, 1);
        TrainingProblem problem = Problem(spec, new BatchSpec { Size = Size, Order = order });
        using IReplicas replicas = opened.CreateReplicas(problem, 0, 2);
        BatchIndices indices = new(problem.Seed, 8, problem.Batch);
        double[] theta = ReferenceCases.S(32, 1001, 0.8);
        double ratio = 0;
        for (int step = 0; step < 4; step++)
        {
            if (step % 2 == 0)
            {
                // tr(H M) of the mini-batch gradient, written out over the samples.
                int size = indices.BatchSize(step);
                Measurement full = new(opened, new Points(s_network, theta, s_data, Precision.Float64));
                double[] mu = full.Gradient;
                double[] product = full.HessianVectorProduct(mu);
                double along = mu.Zip(product, (x, y) => x * y).Sum();
                double trace = 0;
                for (int n = 0; n < 8; n++)
                {
                    double[] own = [.. full.PerSampleGradients[(32 * n)..(32 * (n + 1))].Zip(mu, (x, y) => x - y)];
                    trace += own.Zip(full.HessianVectorProduct(own), (x, y) => x * y).Sum() / 8;
                }

                double share = order == BatchOrder.WithReplacement ? 1.0 / size : (8.0 - size) / (8 - 1) / size;
                ratio = mu.Sum(x => x * x) / Math.Abs((share * trace) + along);
            }

            double[] gradient = new Measurement(
                opened,
                new Points(s_network, theta, Rows(indices, step), Precision.Float64)
            ).Gradient;
            theta = [.. theta.Zip(gradient, (t, g) => t - (0.7 * ratio * g))];
            replicas.Advance(1);
            double[] found = new double[64];
            replicas.CopyParameters(found);
            found[32..].ShouldBe(theta, 1e-12 * (1 + theta.Max(Math.Abs)));
        }
    }

    // The mini-batch of replica 1.
    private static DataSet Rows(BatchIndices indices, int step)
    {
        int[] rows = [.. Enumerable.Range(0, indices.BatchSize(step)).Select(b => indices.Row(1, step, b))];
        return new DataSet(
            rows.Length,
            3,
            2,
            1,
            [.. rows.SelectMany(row => s_data.Inputs[(3 * row)..(3 * (row + 1))])],
            null,
            [.. rows.SelectMany(row => s_data.Targets![(2 * row)..(2 * (row + 1))])]
        );
    }

    private static TrainingProblem Problem(OptimizerSpec spec, BatchSpec batch) =>
        new()
        {
            Network = s_network,
            Precision = Precision.Float64,
            Seed = 1,
            Data = new MemoryData(s_data),
            Optimizer = spec,
            Batch = batch,
            InitialPoint = (replica, parameters) => ReferenceCases.S(32, 1 + (1000 * replica), 0.8).CopyTo(parameters),
        };
}
