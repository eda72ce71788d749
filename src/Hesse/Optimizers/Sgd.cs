using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// Stochastic gradient descent. With the gradient g of the mean loss over the mini-batch, step size eta and weight decay lambda
/// d = g + lambda theta,  theta &lt;- theta - eta d,
/// each line one fused multiply-add. No state.
/// </summary>
internal sealed class Sgd(SgdSpec spec) : UpdateRule
{
    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        double direction = Math.FusedMultiplyAdd(spec.WeightDecay.At(step), parameter, gradient);
        return Math.FusedMultiplyAdd(-spec.StepSize.At(step), direction, parameter);
    }

    public override AffineUpdate? Affine(
        int step,
        double parameter,
        ReadOnlySpan<double> state,
        double mean,
        double variance
    )
    {
        double stepSize = spec.StepSize.At(step);
        return new AffineUpdate(stepSize * spec.WeightDecay.At(step) * parameter, stepSize);
    }
}
