using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// Adam with decoupled weight decay as PyTorch has it: theta &lt;- (1 - eta lambda) theta, then <see cref="Adam"/>'s update with
/// the gradient alone. I. Loshchilov, F. Hutter, arXiv 1711.05101.
/// </summary>
internal sealed class AdamW(AdamWSpec spec) : UpdateRule
{
    private readonly Adam _adam = new(
        new AdamSpec
        {
            StepSize = spec.StepSize,
            Beta1 = spec.Beta1,
            Beta2 = spec.Beta2,
            Epsilon = spec.Epsilon,
        }
    );

    public override int StateCount => _adam.StateCount;

    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        double kept = 1 - (spec.StepSize.At(step) * spec.WeightDecay.At(step));
        return _adam.Update(step, kept * parameter, gradient, state);
    }

    public override double? Preconditioner(int updates, ReadOnlySpan<double> state) =>
        _adam.Preconditioner(updates, state);

    public override AffineUpdate? Affine(
        int step,
        double parameter,
        ReadOnlySpan<double> state,
        double mean,
        double variance
    )
    {
        double decay = spec.StepSize.At(step) * spec.WeightDecay.At(step) * parameter;
        AffineUpdate adam = _adam.Affine(step, parameter, state, mean, variance)!.Value;
        return adam with { Drift = adam.Drift + decay };
    }
}
