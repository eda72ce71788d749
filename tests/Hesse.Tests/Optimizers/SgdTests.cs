using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class SgdTests
{
    private const int Replicas = 4000;

    // Four standard errors of a sample variance over 4000 replicas, sqrt(2 / 3999) = 2.2 % each.
    private const double FourStandardErrors = 0.09;

    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Contracts_a_quadratic_by_one_minus_step_size_times_curvature(string backend)
    {
        double[][] path = Quadratic.Train(backend, new SgdSpec { StepSize = new(0.019) }, 10, Quadratic.Curvatures);
        path.ShouldFollow(h => Enumerable.Range(0, 11).Select(t => Math.Pow(1 - (0.019 * h), t)), Quadratic.Curvatures);
    }

    [Theory]
    [InlineData(0.1, 1)]
    [InlineData(0.5, 2)]
    [InlineData(0.9, 2)]
    public void Stationary_variance_is_that_of_the_exact_formula(double stepSize, double curvature)
    {
        // Gradient of a draw: curvature w - y with y = +-1, so noise of variance 1.
        double x = Math.Sqrt(curvature);
        TrainingProblem problem = new()
        {
            Network = new Network([1, 1], [false], Activation.Identity, Loss.HalfSquaredError),
            Precision = Precision.Float64,
            Seed = 1907,
            Data = new MemoryData(new DataSet(2, 1, 1, 1, [x, x], null, [1 / x, -1 / x])),
            Optimizer = new SgdSpec { StepSize = new(stepSize) },
            Batch = new BatchSpec { Size = 1, Order = BatchOrder.WithReplacement },
            InitialPoint = (_, parameters) => parameters.Clear(),
        };
        using IBackend cpu = BackendSelector.Open("cpu", 1);
        using IReplicas replicas = cpu.CreateReplicas(problem, 0, Replicas);
        replicas.Advance(60);
        double[] w = new double[Replicas];
        replicas.CopyParameters(w);
        double mean = w.Average();
        double variance = w.Sum(value => (value - mean) * (value - mean)) / (Replicas - 1);
        double expected = stepSize / (curvature * (2 - (stepSize * curvature)));
        variance.ShouldBe(expected, FourStandardErrors * expected);
    }
}
