using Hesse.Backends;
using Hesse.Backends.Reference;
using Hesse.Networks;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class PreconditionedSharpnessTests : IDisposable
{
    private const double Rounding = 1e-9;
    private readonly PathRun _runs = new();

    public void Dispose() => _runs.Dispose();

    // After one update with a full batch the second moment is a multiple of the squared gradient at theta_0.
    [Theory]
    [InlineData("{kind: rmsprop, step-size: 0.001, decay: 0.75, epsilon: 0.01}", 1, 0.5, 0.01)]
    [InlineData("{kind: adam, step-size: 0.001, beta1: 0.8, epsilon: 0.01}", 0.2, 1, 0.01)]
    [InlineData("{kind: adamw, step-size: 0.001, beta1: 0.5, epsilon: 0.01, weight-decay: 0}", 0.5, 1, 0.01)]
    [InlineData("{kind: preconditioned-sgd, step-size: 0.001, from: gradient, epsilon: 0.01}", 1, 1, 0.01)]
    [InlineData("{kind: adagrad, step-size: 0.001, epsilon: 0.01}", 1, 1, 0.01)]
    [InlineData("{kind: adapnm, step-size: 0.001, beta1: 0.8, beta0: 1, epsilon: 0.01}", 0.2, 1, 0.01)]
    public void It_is_the_largest_eigenvalue_of_the_scaled_hessian(
        string optimizer,
        double factor,
        double root,
        double epsilon
    )
    {
        string observe = "{quantity: parameters, at: [0, 1]}, {quantity: preconditioned-sharpness, at: [0, 1]}";
        string text = PathRun.Text(observe, optimizer, "{order: full}", replicas: 1);
        _runs.Run("a", text);
        double[] theta = _runs.Array("a", "parameters");
        TrainingProblem problem = PathRun.Problem(text);
        int p = problem.Network.ParameterCount;
        using ReferenceBackend reference = new();
        double[] gradient = new double[p];
        double[] hessian = new double[p * p];
        reference.Gradient(At(problem, theta[..p]), gradient);
        reference.Hessian(At(problem, theta[p..]), hessian);
        double[] preconditioner = [.. gradient.Select(g => factor * ((root * Math.Abs(g)) + epsilon))];
        for (int i = 0; i < p; i++)
        {
            for (int j = 0; j < p; j++)
            {
                hessian[(i * p) + j] /= Math.Sqrt(preconditioner[i] * preconditioner[j]);
            }
        }

        double[] values = new double[p];
        ScalarEigenpairs.Of(hessian, p, values, new double[p * p]);
        double[] sharpness = _runs.Array("a", "preconditioned-sharpness");
        sharpness[0].ShouldBe(double.NaN);
        sharpness[1].ShouldBe(values[^1], Rounding * values[^1]);
        _runs.Array("a", "preconditioned-sharpness.converged")[1].ShouldBe(1);
    }

    [Fact]
    public void Lanczos_method_finds_a_pair_of_the_scaled_hessian()
    {
        TrainingProblem problem = PathRun.Problem(PathRun.Text("", network: "{hidden: [90], activation: tanh}"));
        int p = problem.Network.ParameterCount;
        p.ShouldBeGreaterThan(EigenpairRequest.ExactUpTo);
        double[] theta = new double[p];
        problem.InitialPoint(0, theta);
        double[] diagonal = [.. Enumerable.Range(0, p).Select(i => 1.5 + Math.Sin(i))];
        double[] pair = new double[EigenpairRequest.Heading + p];
        using IBackend cpu = BackendSelector.Open("cpu", 1);
        EigenpairRequest request = new()
        {
            Largest = 1,
            Tolerance = 1e-10,
            Seed = 1,
            Step = 0,
            ReplicaNumbers = [0],
            Diagonal = diagonal,
        };
        cpu.HessianEigenpairs(At(problem, theta), request, pair);

        double[] u = pair[EigenpairRequest.Heading..];
        double[] scaled = [.. u.Zip(diagonal, (x, d) => x * d)];
        double[] image = new double[p];
        cpu.HessianVectorProducts(At(problem, theta), scaled, image);
        for (int i = 0; i < p; i++)
        {
            (image[i] * diagonal[i]).ShouldBe(pair[0] * u[i], Rounding);
        }

        pair[0].ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("{kind: sgd, step-size: 0.1}")]
    [InlineData("{kind: momentum, step-size: 0.1, momentum: 0.9}")]
    public void A_rule_that_divides_by_nothing_is_refused(string optimizer)
    {
        HesseException failure = Should.Throw<HesseException>(() =>
            PathRun.Problem(PathRun.Text("{quantity: preconditioned-sharpness, at: [1]}", optimizer))
        );
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain("rmsprop");
    }

    private static Points At(TrainingProblem problem, double[] theta) =>
        new(problem.Network, theta, problem.Data.Training(0, 1), Precision.Float64);
}
