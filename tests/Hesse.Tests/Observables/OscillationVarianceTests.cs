using Hesse.Backends;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class OscillationVarianceTests : IDisposable
{
    // One loss of eleven samples, summed in another order.
    private const double Rounding = 1e-13;

    // 2 / 2.5 lies below the sharpness of the replicas from the first tick on.
    private const double StepSize = 2.5;

    private const string Observed =
        "{quantity: loss, every: 1}, {quantity: oscillation-variance, every: 1}, {quantity: sharpness, every: 1}";

    private const string Central = "{kind: gradient-flow, method: central, step-size: 2.5, tick: 2.5}";

    private readonly PathRun _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void It_is_the_trace_of_sigma_and_raises_the_loss_by_its_share()
    {
        string text = PathRun.Text(Observed, Central, "{order: full}");
        _runs.Run("a", text);
        double[] trace = _runs.Array("a", "oscillation-variance");
        double[] averaged = _runs.Array("a", "oscillation-variance.averaged-loss");
        double[] loss = _runs.Array("a", "loss");
        const int Times = 7;
        trace.Length.ShouldBe(3 * Times);
        using IBackend cpu = BackendSelector.Open("cpu", 1);
        using IReplicas replicas = cpu.CreateReplicas(PathRun.Problem(text), 0, 3);
        double[] state = new double[3 * PathRun.Problem(text).Network.ParameterCount];
        int p = state.Length / 3;
        for (int t = 0; t < Times; t++)
        {
            replicas.Advance(t - replicas.Step);
            replicas.CopyState(state);
            for (int r = 0; r < 3; r++)
            {
                int at = (r * Times) + t;
                trace[at].ShouldBe(state[(r * p)..((r + 1) * p)].Sum(), Rounding);
                averaged[at].ShouldBe(loss[at] + (trace[at] / StepSize), Rounding);
            }
        }

        Enumerable.Range(0, 3).ShouldAllBe(r => trace[r * Times] == 0);
        trace.ShouldContain(x => x > 1e-3);
        // Sigma is 0 below the threshold, and a variance anywhere.
        trace.ShouldAllBe(x => x >= 0);
    }

    [Theory]
    [InlineData("{kind: sgd, step-size: 0.3}")]
    [InlineData("{kind: gradient-flow, tick: 0.3}")]
    public void Other_trainings_have_none(string optimizer)
    {
        _runs.Run("a", PathRun.Text(Observed, optimizer, "{order: full}"));
        _runs.Array("a", "oscillation-variance").ShouldAllBe(x => double.IsNaN(x));
        _runs.Array("a", "oscillation-variance.averaged-loss").ShouldAllBe(x => double.IsNaN(x));
        _runs.Array("a", "loss").ShouldAllBe(x => double.IsFinite(x));
    }

    [Fact]
    public void A_run_goes_on_with_the_same_variances_from_a_checkpoint()
    {
        string text = PathRun.Text(Observed, Central, "{order: full}");
        TrainingProblem problem = PathRun.Problem(text);
        using IBackend cpu = BackendSelector.Open("cpu", 1);
        using IReplicas whole = cpu.CreateReplicas(problem, 0, 3);
        using IReplicas loaded = cpu.CreateReplicas(problem, 0, 3);
        whole.Advance(4);
        byte[] bytes = new byte[whole.StateBytes(4)];
        for (int r = 0; r < 3; r++)
        {
            whole.SaveState(r, bytes);
            loaded.LoadState(4, r, bytes);
        }

        double[] expected = new double[3 * problem.Network.ParameterCount];
        double[] found = new double[expected.Length];
        whole.CopyState(expected);
        loaded.CopyState(found);
        found.ShouldBe(expected);
        expected.ShouldContain(x => x > 0);
    }
}
