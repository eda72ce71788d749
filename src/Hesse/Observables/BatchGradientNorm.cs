using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// batch-gradient-norm: norm of the gradient of the mean loss over the mini-batch of update t, at theta_t. The mini-batch of the step
/// after the last is the one that training would go on with.
/// </summary>
internal sealed class BatchGradientNorm : IQuantity
{
    private int _rows;

    public string Name => "batch-gradient-norm";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public long WorkSpace(Network network) =>
        network.ParameterCount + ((long)_rows * (network.InputWidth + network.OutputWidth + 1));

    public IQuantity ForSamples(int samples, int? batch) =>
        new BatchGradientNorm
        {
            _rows = batch ?? throw new HesseException(ExitCode.Usage, $"{Name} needs a mini-batch; give --batch"),
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        GradientNorm.Of(snapshot.Backend, snapshot.BatchPoints(snapshot.Step, snapshot.Parameters), values);
    }
}
