using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// RMSprop as PyTorch has it, neither centred nor with momentum: step size eta, decay alpha, epsilon; state v.
/// v &lt;- alpha v + (1 - alpha) g^2,  theta &lt;- theta - eta g / (sqrt v + epsilon). No correction for the start.
/// T. Tieleman, G. Hinton, Lecture 6.5, 2012.
/// </summary>
internal sealed class RmsProp(RmsPropSpec spec) : UpdateRule
{
    public override int StateCount => 1;

    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        ref double v = ref state[0];
        double decay = spec.Decay.At(step);
        v = (decay * v) + ((1 - decay) * gradient * gradient);
        return parameter - (spec.StepSize.At(step) * gradient / (Math.Sqrt(v) + spec.Epsilon.At(step)));
    }

    public override double? Preconditioner(int updates, ReadOnlySpan<double> state) =>
        Math.Sqrt(state[0]) + spec.Epsilon.At(updates - 1);

    public override AffineUpdate? Affine(
        int step,
        double parameter,
        ReadOnlySpan<double> state,
        double mean,
        double variance
    )
    {
        double decay = spec.Decay.At(step);
        double v = (decay * state[0]) + ((1 - decay) * ((mean * mean) + variance));
        return new AffineUpdate(0, spec.StepSize.At(step) / (Math.Sqrt(v) + spec.Epsilon.At(step)));
    }
}
