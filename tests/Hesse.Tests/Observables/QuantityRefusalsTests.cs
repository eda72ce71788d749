namespace Hesse.Tests.Observables;

/// <summary>Options and times at which a quantity would be NaN, or mean nothing, throughout: each is one line with the key and what is allowed.</summary>
public sealed class QuantityRefusalsTests : IDisposable
{
    private readonly PathRun _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("early-stopping, every: 1", "window 100 is more than its 7 observations; give window 2 .. 7")]
    [InlineData("early-stopping, every: 2, window: 5", "window 5 is more than its 4 observations; give window 2 .. 4")]
    [InlineData(
        "early-stopping, at: [6], window: 2",
        "window 2 is more than its 1 observations; two or more are needed"
    )]
    [InlineData("early-stopping, every: 1, window: 1", "observe[0].window: 1 is out of range: 2 .. 100000")]
    [InlineData("early-stopping, every: 1, window: 2, patience: 0", "observe[0].patience: 0 is out of range")]
    [InlineData(
        "early-stopping, every: 1, window: 2, weight: 1",
        "observe[0].weight: 1 is out of range: 1E-06 .. below 1"
    )]
    [InlineData("pac-bayes-bound, every: 1, delta: 1", "observe[0].delta: 1 is out of range: 1E-12 .. below 1")]
    [InlineData("pac-bayes-bound, every: 1, delta: 0", "observe[0].delta: 0 is out of range")]
    [InlineData("pac-bayes-bound, every: 1, prior: 0", "observe[0].prior: 0 is out of range")]
    [InlineData("pac-bayes-bound, every: 1, draws: 0", "observe[0].draws: 0 is out of range: 1 .. 100000")]
    [InlineData("top-eigenvalues, every: 1, k: 28", "28 eigenvalues are asked for, the network has 27 parameters")]
    [InlineData("top-eigenvalues, every: 1, k: 14, smallest: 14", "28 eigenvalues are asked for")]
    [InlineData("top-eigenvalues, every: 1, k: 0", "observe[0].k: 0 is out of range: 1 .. 1000")]
    [InlineData("sharpness, every: 1, tolerance: 0", "observe[0].tolerance: 0 is out of range")]
    [InlineData("principal-angles, every: 1, k: 0", "observe[0].k: 0 is out of range: 1 .. 1000")]
    [InlineData("spectral-density, every: 1, probes: 0", "observe[0].probes: 0 is out of range: 1 .. 10000")]
    [InlineData("spectral-density, every: 1, iterations: 0", "observe[0].iterations: 0 is out of range: 1 .. 2000")]
    [InlineData("trace, every: 1, probes: 1", "observe[0].probes: 1 is out of range: 2 .. 10000")]
    [InlineData("noise-gaussianity, every: 1, batches: 2", "observe[0].batches: 2 is out of range: 3 .. 5000")]
    [InlineData("noise-gaussianity, every: 1, directions: 0", "observe[0].directions: 0 is out of range")]
    [InlineData("noise-gaussianity, every: 1, batch: 11", "mini-batches of 11 rows have no noise, the data has 11")]
    [InlineData("tail-index, every: 1, batches: 3", "observe[0].batches: 3 is out of range: 4 .. 100000")]
    [InlineData("tail-index, every: 1, batches: 997", "batches 997 is prime")]
    [InlineData("tail-index, every: 1, batch: 12", "mini-batches of 12 rows have no noise, the data has 11")]
    [InlineData("stability-twins, every: 1, twins: 12", "in each of 12 twins; there are 11 samples")]
    [InlineData("information-bound, every: 1, sigma: 0", "observe[0].sigma: 0 is out of range")]
    [InlineData("iterate-projection, every: 1, directions: 0", "observe[0].directions: 0 is out of range: 1 .. 1000")]
    [InlineData("consecutive-gradient-cosine, at: [0]", "consecutive-gradient-cosine has no value at step 0")]
    [InlineData("loss-increment, at: [6]", "loss-increment has no value at the last step, 6")]
    public void Nonsense_is_refused(string observation, string message) =>
        Refusal(PathRun.Text($"{{quantity: {observation}}}")).ShouldContain(message);

    [Fact]
    public void Preconditioned_sharpness_before_the_first_update_is_refused() =>
        Refusal(PathRun.Text("{quantity: preconditioned-sharpness, at: [0]}", "{kind: rmsprop, step-size: 0.01}"))
            .ShouldContain("preconditioned-sharpness has no value at step 0");

    [Theory]
    [InlineData("accuracy")]
    [InlineData("test-accuracy")]
    [InlineData("pac-bayes-bound")]
    public void One_output_of_a_squared_loss_is_no_class(string quantity)
    {
        const string data = "{kind: decoupled, scales: [1, 0.5], samples: 9, test-samples: 5}";
        string text = PathRun
            .Text($"{{quantity: {quantity}, every: 1}}", data: data)
            .Replace("loss: cross-entropy", "loss: mse");
        Refusal(text).ShouldContain($"{quantity} needs classes: two outputs or more, or the loss logistic");
    }

    [Fact]
    public void The_line_of_the_observation_stands_before_the_message() =>
        Refusal(PathRun.Text("{quantity: loss, every: 1}, {quantity: early-stopping, every: 1}"))
            .ShouldStartWith("path.yaml:");

    private string Refusal(string text)
    {
        HesseException refusal = Should.Throw<HesseException>(() => _runs.Run("refused", text));
        refusal.Code.ShouldBe(ExitCode.BadData);
        return refusal.Message;
    }
}
