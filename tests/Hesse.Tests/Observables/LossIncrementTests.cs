using Hesse.Backends;
using Hesse.Backends.Reference;
using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class LossIncrementTests : IDisposable
{
    // Sums of a few dozen products in another order.
    private const double Rounding = 1e-12;
    private const int Steps = 4;
    private const string Observe = "{quantity: parameters, every: 1}, {quantity: loss-increment, every: 1}";
    private readonly PathRun _runs = new();
    private readonly ReferenceBackend _reference = new();

    public void Dispose()
    {
        _runs.Dispose();
        _reference.Dispose();
    }

    [Theory]
    [InlineData("reference")]
    [InlineData("cpu")]
    public void Prediction_for_sgd_is_the_formula_with_the_whole_hessian_and_covariance(string backend)
    {
        const double eta = 0.3;
        const int b = 2;
        string text = PathRun.Text(Observe, batch: "{size: 2, order: with-replacement}", steps: Steps);
        _runs.Run("a", text, backend);

        for (int r = 0; r < 3; r++)
        {
            for (int t = 0; t < Steps; t++)
            {
                Points at = At("a", text, (r * (Steps + 1)) + t);
                Points next = At("a", text, (r * (Steps + 1)) + t + 1);
                int p = at.Network.ParameterCount;
                double[] hessian = new double[p * p];
                _reference.Hessian(at, hessian);
                double[] mu = Gradient(at);
                double[] samples = new double[11 * p];
                _reference.PerSampleGradients(at, samples);
                double[] slope = new double[p];
                for (int i = 0; i < p; i++)
                {
                    slope[i] = mu[i] - (eta * Enumerable.Range(0, p).Sum(j => hessian[(i * p) + j] * mu[j]));
                }

                double curved = 0; // (mu - eta H mu) . C (mu - eta H mu) / b
                double trace = 0; // tr(H M^(b)) with M^(b) = C / b + mu mu^T
                double noise = 0; // mu . C mu / b
                for (int i = 0; i < p; i++)
                {
                    for (int j = 0; j < p; j++)
                    {
                        double c = Enumerable
                            .Range(0, 11)
                            .Average(n => (samples[(n * p) + i] - mu[i]) * (samples[(n * p) + j] - mu[j]));
                        trace += hessian[(i * p) + j] * ((c / b) + (mu[i] * mu[j]));
                        noise += mu[i] * c * mu[j] / b;
                        curved += slope[i] * c * slope[j] / b;
                    }
                }

                double mean = (-eta * mu.Sum(x => x * x)) + (eta * eta / 2 * trace);
                double measured = Loss(next) - Loss(at);
                Value("measured", r, t).ShouldBe(measured, Rounding);
                Value("predicted-mean", r, t).ShouldBe(mean, Rounding);
                Value("predicted-variance", r, t).ShouldBe(eta * eta * noise, Rounding);
                Value("curved-variance", r, t).ShouldBe(eta * eta * curved, Rounding);
                Value("flag", r, t).ShouldBe(mean <= 0 ? 1 : -1);
                Value("standardised", r, t).ShouldBe((measured - mean) / Math.Sqrt(eta * eta * noise), 1e-9);
            }

            Value("measured", r, Steps).ShouldBe(double.NaN);
            Value("flag", r, Steps).ShouldBe(double.NaN);
        }
    }

    // Third order in the step size, of derivatives of size 1 to 10.
    [Theory]
    [InlineData("{kind: sgd, step-size: 1.0e-4, weight-decay: 0.5}", "{order: full}", 1e-10)]
    [InlineData("{kind: momentum, step-size: 1.0e-4, momentum: 0.9, dampening: 0.2}", "{order: full}", 1e-10)]
    [InlineData("{kind: nesterov, step-size: 1.0e-4, momentum: 0.9, weight-decay: 0.1}", "{order: full}", 1e-10)]
    [InlineData("{kind: adam, step-size: 1.0e-4, weight-decay: 0.1}", "{order: full}", 1e-9)]
    [InlineData("{kind: adamw, step-size: 1.0e-4, weight-decay: 0.5}", "{order: full}", 1e-9)]
    [InlineData("{kind: rmsprop, step-size: 1.0e-5}", "{order: full}", 1e-9)]
    [InlineData("{kind: adagrad, step-size: 1.0e-4}", "{order: full}", 1e-9)]
    [InlineData("{kind: sgd, step-size: 1.0e-4}", "{size: 4, order: sequential}", 1e-10)]
    [InlineData("{kind: preconditioned-sgd, step-size: 1.0e-5, from: gradient}", "{order: full}", 1e-9)]
    [InlineData("{kind: preconditioned-sgd, step-size: 1.0e-5, from: second-moment}", "{order: full}", 1e-9)]
    [InlineData(
        "{kind: preconditioned-sgd, step-size: 1.0e-5, from: hessian-diagonal, epsilon: 0.1}",
        "{order: full}",
        1e-9
    )]
    public void What_is_not_random_is_predicted_to_third_order(string optimizer, string batch, double tolerance)
    {
        _runs.Run("a", PathRun.Text(Observe, optimizer, batch, steps: Steps));

        for (int t = 0; t < Steps; t++)
        {
            double mean = Value("predicted-mean", 0, t);
            mean.ShouldBe(Value("measured", 0, t), tolerance);
            // The step moves the loss by more than the tolerance: the comparison means something.
            Math.Abs(mean).ShouldBeGreaterThan(100 * tolerance);
            Value("predicted-variance", 0, t).ShouldBe(0);
        }
    }

    [Theory]
    [InlineData(1, "with-replacement")]
    [InlineData(2, "epochs")]
    public void Mean_and_variance_are_those_over_all_mini_batches(int size, string order)
    {
        const double eta = 1e-3;
        string batch = $"{{size: {size}, order: {order}}}";
        string text = PathRun.Text(Observe, "{kind: sgd, step-size: 1.0e-3}", batch, steps: 2);
        _runs.Run("a", text);
        Points at = At("a", text, 0);
        int p = at.Network.ParameterCount;
        double[] samples = new double[11 * p];
        _reference.PerSampleGradients(at, samples);

        List<double> increments = [];
        for (int n = 0; n < 11; n++)
        {
            for (int m = size == 1 ? n : n + 1; m < (size == 1 ? n + 1 : 11); m++)
            {
                double[] moved = at.ParametersOf(0).ToArray();
                for (int i = 0; i < p; i++)
                {
                    moved[i] -= eta * (samples[(n * p) + i] + samples[(m * p) + i]) / 2;
                }

                increments.Add(Loss(new Points(at.Network, moved, at.Data, at.Precision)) - Loss(at));
            }
        }

        double mean = increments.Average();
        double variance = increments.Average(x => (x - mean) * (x - mean));
        // What is left is of third order; the term of second order in the mean is about 1e-6.
        _runs.Array("a", "loss-increment.predicted-mean")[0].ShouldBe(mean, 1e-8);
        (_runs.Array("a", "loss-increment.predicted-variance")[0] / variance).ShouldBe(1, 0.05);
    }

    [Fact]
    public void Bound_on_the_tail_has_the_width_of_its_formula()
    {
        string observe = Observe.Replace("loss-increment,", "loss-increment, tail-bound: true,");
        string text = PathRun.Text(observe, steps: 1);
        _runs.Run("a", text);
        Points at = At("a", text, 0);
        double[] spectrum = new double[at.Network.ParameterCount];
        _reference.HessianSpectrum(at, spectrum);
        double[] norms = new double[11];
        _reference.PerSampleGradientNorms(at, norms);
        double largest = norms.Max();
        double curvature = spectrum.Max(Math.Abs);
        double norm = Math.Sqrt(Gradient(at).Sum(x => x * x));

        double width = (2 * 0.3 * largest * norm) + (0.3 * 0.3 * curvature * largest * largest);
        _runs.Array("a", "loss-increment.width")[0].ShouldBe(width, Rounding);
        double s =
            _runs.Array("a", "loss-increment.measured")[0] - _runs.Array("a", "loss-increment.predicted-mean")[0];
        _runs
            .Array("a", "loss-increment.tail-bound")[0]
            .ShouldBe(Math.Min(1, 2 * Math.Exp(-2 * s * s / (width * width))), Rounding);
    }

    [Theory]
    [InlineData("{kind: sign-sgd, step-size: 0.01}")]
    [InlineData("{kind: sgd, step-size: 0.01, rescale-weights: true}")]
    public void Rules_of_another_form_are_measured_without_a_prediction(string optimizer)
    {
        _runs.Run("a", PathRun.Text("{quantity: loss-increment, at: [1]}", optimizer));
        double.IsFinite(_runs.Array("a", "loss-increment.measured")[0]).ShouldBeTrue();
        _runs.Array("a", "loss-increment.predicted-mean")[0].ShouldBe(double.NaN);
    }

    private double Value(string part, int replica, int time)
    {
        double[] values = _runs.Array("a", $"loss-increment.{part}");
        return values[(replica * (values.Length / 3)) + time];
    }

    private Points At(string run, string text, int point)
    {
        TrainingProblem problem = PathRun.Problem(text);
        int p = problem.Network.ParameterCount;
        double[] theta = _runs.Array(run, "parameters")[(point * p)..((point + 1) * p)];
        return new Points(problem.Network, theta, problem.Data.Training(0, 1), Precision.Float64);
    }

    private double Loss(Points points)
    {
        double[] loss = new double[1];
        _reference.Loss(points, loss);
        return loss[0];
    }

    private double[] Gradient(Points points)
    {
        double[] gradient = new double[points.Network.ParameterCount];
        _reference.Gradient(points, gradient);
        return gradient;
    }
}
