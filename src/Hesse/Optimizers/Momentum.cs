using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// Polyak's heavy ball as PyTorch's SGD has it: step size eta, momentum mu, dampening tau, weight decay lambda; state m.
/// d = g + lambda theta,  m &lt;- mu m + (1 - tau) d,  theta &lt;- theta - eta m;
/// the first update takes m = d whatever tau is. On a quadratic of curvature h it diverges for eta h > 2 + 2 mu (tau = 0).
/// B. T. Polyak, Some methods of speeding up the convergence of iteration methods, 1964.
/// </summary>
internal sealed class Momentum(MomentumSpec spec) : UpdateRule
{
    public override int StateCount => 1;

    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        ref double m = ref state[0];
        double direction = gradient + (spec.WeightDecay.At(step) * parameter);
        double share = step == 0 ? 1 : 1 - spec.Dampening.At(step);
        m = (spec.Momentum.At(step) * m) + (share * direction);
        return parameter - (spec.StepSize.At(step) * m);
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
        double share = step == 0 ? 1 : 1 - spec.Dampening.At(step);
        double decay = share * spec.WeightDecay.At(step) * parameter;
        return new AffineUpdate(stepSize * ((spec.Momentum.At(step) * state[0]) + decay), stepSize * share);
    }
}
