using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class SgdPartialHessianTests
{
    // Two hidden layers with biases at 8 .. 11 and 24 .. 26; 2-4-3-2.
    private static readonly Network s_network = new([2, 4, 3, 2], [true], Activation.Tanh, Loss.Mse);

    private static readonly (int From, int To)[] s_biases = [(8, 12), (24, 27)];

    private static readonly SgdPartialHessianSpec s_spec = new()
    {
        StepSize = new(0.05),
        Momentum = new(0.8),
        Beta = new(0.7),
        Scale = new(0.3),
        Epsilon = new(0.1),
    };

    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Hidden_biases_take_second_order_steps_in_turns(string backend)
    {
        DataSet data = ReferenceCases.DataFor(s_network);
        int p = s_network.ParameterCount;
        double[] theta = ReferenceCases.S(p, 1, 0.8);
        double[] m = new double[p];
        double[] d = new double[p];
        using IBackend opened = BackendSelector.Open(backend, 1);
        using IReplicas replicas = opened.CreateReplicas(Problem(s_spec, s_network, data), 0, 1);
        for (int step = 0; step < 5; step++)
        {
            (int from, int to) = s_biases[step % 2];
            double[] g = Gradient(theta);
            // Row sums of the block by central differences of the gradient.
            const double Difference = 1e-5;
            double[] up = Gradient([.. theta.Select((t, i) => i >= from && i < to ? t + Difference : t)]);
            double[] down = Gradient([.. theta.Select((t, i) => i >= from && i < to ? t - Difference : t)]);
            for (int i = 0; i < p; i++)
            {
                m[i] = (0.8 * m[i]) + g[i];
                d[i] =
                    i >= from && i < to ? (0.7 * d[i]) + (0.3 * Math.Abs((up[i] - down[i]) / (2 * Difference))) : d[i];
                bool hidden = s_biases.Any(block => i >= block.From && i < block.To);
                double weight = 1 - Math.Pow(0.7, (step / 2) + 1);
                theta[i] -= hidden ? 0.05 * 0.3 * weight * m[i] / (d[i] + 0.1) : 0.05 * m[i];
            }

            replicas.Advance(1);
            double[] found = new double[p];
            replicas.CopyParameters(found);
            // Differences of second order have a relative error of about 1e-10.
            found.ShouldBe(theta, 1e-9);
        }

        double[] Gradient(double[] point) =>
            new Measurement(opened, new Points(s_network, point, data, Precision.Float64)).Gradient;
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Without_hidden_biases_it_is_momentum(string backend)
    {
        MomentumSpec momentum = new() { StepSize = s_spec.StepSize, Momentum = s_spec.Momentum };
        double[][] expected = Quadratic.Train(backend, momentum, 8, 1, 4);
        double[][] found = Quadratic.Train(backend, s_spec, 8, 1, 4);
        for (int step = 0; step <= 8; step++)
        {
            found[step].ShouldBe(expected[step], Quadratic.Tolerance(1));
        }
    }

    private static TrainingProblem Problem(OptimizerSpec spec, Network network, DataSet data) =>
        new()
        {
            Network = network,
            Precision = Precision.Float64,
            Seed = 1,
            Data = new MemoryData(data),
            Optimizer = spec,
            Batch = new BatchSpec { Order = BatchOrder.Full },
            InitialPoint = (_, parameters) => ReferenceCases.S(network.ParameterCount, 1, 0.8).CopyTo(parameters),
        };
}
