namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class EarlyStoppingTests : IDisposable
{
    private const double Rounding = 1e-12;
    private const int Steps = 12;
    private const int Outputs = 11 * 3;
    private readonly PathRun _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("wmv")]
    [InlineData("emv")]
    public void Variance_best_step_and_gap_are_those_of_the_stored_outputs(string method)
    {
        const int window = 4;
        const int patience = 2;
        string observe =
            "{quantity: logits, every: 1}, {quantity: test-loss, every: 1}, "
            + $"{{quantity: early-stopping, every: 1, window: {window}, patience: {patience}, method: {method}, weight: 0.25}}";
        // A large step size: the variance goes up and down.
        _runs.Run("a", PathRun.Text(observe, "{kind: sgd, step-size: 2}", steps: Steps));
        double[] logits = _runs.Array("a", "logits");
        double[] test = _runs.Array("a", "test-loss");
        double[] variance = _runs.Array("a", "early-stopping");
        double[] best = _runs.Array("a", "early-stopping.best-step");
        double[] stopped = _runs.Array("a", "early-stopping.stopped");
        double[] gap = _runs.Array("a", "early-stopping.gap");

        for (int r = 0; r < 3; r++)
        {
            double[] Output(int t) => logits.AsSpan(((r * (Steps + 1)) + t) * Outputs, Outputs).ToArray();
            double[] expected = method == "wmv" ? Windowed(Output, window) : Exponential(Output, 0.25, window);
            int bestStep = -1;
            int waited = 0;
            for (int t = 0; t <= Steps; t++)
            {
                int at = (r * (Steps + 1)) + t;
                Same(variance[at], expected[t]);
                if (t >= window - 1 && waited < patience)
                {
                    bool better = bestStep < 0 || expected[t] < expected[bestStep];
                    (bestStep, waited) = better ? (t, 0) : (bestStep, waited + 1);
                }

                best[at].ShouldBe(bestStep);
                stopped[at].ShouldBe(waited >= patience ? 1 : 0);
                double least = test.AsSpan(r * (Steps + 1), t + 1).ToArray().Min();
                Same(gap[at], bestStep < 0 ? double.NaN : test[(r * (Steps + 1)) + bestStep] - least);
            }
        }

        stopped.ShouldContain(1);
    }

    private static void Same(double actual, double expected)
    {
        double.IsNaN(actual).ShouldBe(double.IsNaN(expected));
        (double.IsNaN(expected) ? 0 : actual - expected).ShouldBe(0, Rounding);
    }

    private static double[] Windowed(Func<int, double[]> output, int window)
    {
        double[] variances = new double[Steps + 1];
        for (int t = 0; t <= Steps; t++)
        {
            if (t < window - 1)
            {
                variances[t] = double.NaN;
                continue;
            }

            double[][] last = [.. Enumerable.Range(t - window + 1, window).Select(output)];
            variances[t] = Enumerable
                .Range(0, Outputs)
                .Average(i =>
                {
                    double mean = last.Average(x => x[i]);
                    return last.Average(x => (x[i] - mean) * (x[i] - mean));
                });
        }

        return variances;
    }

    private static double[] Exponential(Func<int, double[]> output, double weight, int window)
    {
        double[] variances = new double[Steps + 1];
        double[] mean = output(0);
        double v = 0;
        for (int t = 1; t <= Steps; t++)
        {
            double[] x = output(t);
            double square = x.Zip(mean, (a, m) => (a - m) * (a - m)).Average();
            v = (1 - weight) * (v + (weight * square));
            mean = [.. x.Zip(mean, (a, m) => m + (weight * (a - m)))];
            variances[t] = v;
        }

        Array.Fill(variances, double.NaN, 0, window - 1);
        return variances;
    }
}
