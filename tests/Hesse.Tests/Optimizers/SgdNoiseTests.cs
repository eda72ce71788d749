using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

/// <summary>SGD's stationary distribution on a quadratic, over thousands of replicas.</summary>
public sealed class SgdNoiseTests
{
    private const int Replicas = 4096;

    /// <summary>
    /// Samples (sqrt lambda, +- s / sqrt lambda) drawn with replacement one by one give the gradient lambda w + xi, Var xi = s^2; then
    /// Var w = eta s^2 / (lambda (2 - eta lambda)).
    /// </summary>
    [Theory]
    [InlineData(0.1, 1, 1, 0.0526315789)]
    [InlineData(0.5, 2, 1, 0.25)]
    [InlineData(0.9, 2, 1, 2.25)]
    public void Stationary_variance_of_sgd(double stepSize, double curvature, double noise, double expected)
    {
        // The last bit of the start is (1 - 0.1)^(2 * 200) = 5e-19 of the variance.
        const int Steps = 200;
        double x = Math.Sqrt(curvature);
        double y = noise / x;
        TrainingProblem problem = new()
        {
            Network = new Network([1, 1], [false], Activation.Identity, Loss.HalfSquaredError),
            Precision = Precision.Float64,
            Seed = 1907,
            Data = new MemoryData(new DataSet(2, 1, 1, 1, [x, x], null, [y, -y])),
            Optimizer = new SgdSpec { StepSize = new(stepSize) },
            Batch = new BatchSpec { Size = 1, Order = BatchOrder.WithReplacement },
            InitialPoint = (_, parameters) => parameters.Clear(),
        };
        using IBackend cpu = BackendSelector.Open("cpu", 0);
        using IReplicas replicas = cpu.CreateReplicas(problem, 0, Replicas);
        replicas.Advance(Steps);
        double[] w = new double[Replicas];
        replicas.CopyParameters(w);
        double mean = w.Average();
        double variance = w.Sum(value => (value - mean) * (value - mean)) / (Replicas - 1);

        // Coin tosses have lighter tails than normal noise, so sqrt(2 / (R - 1)) bounds the standard error. Five of them.
        mean.ShouldBe(0, 5 * Math.Sqrt(expected / Replicas));
        variance.ShouldBe(expected, 5 * expected * Math.Sqrt(2.0 / (Replicas - 1)));
    }
}
