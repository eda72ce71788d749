using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// Nesterov's momentum as PyTorch's SGD has it: step size eta, momentum mu, weight decay lambda; state m.
/// d = g + lambda theta,  m &lt;- mu m + d,  theta &lt;- theta - eta (d + mu m).
/// theta is the point at which the gradient is taken (u of <see cref="Mass"/>). On a quadratic of curvature h it diverges for
/// eta h > (2 + 2 mu) / (1 + 2 mu). I. Sutskever et al., On the importance of initialization and momentum, 2013.
/// </summary>
internal sealed class Nesterov(NesterovSpec spec) : UpdateRule
{
    public override int StateCount => 1;

    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        ref double m = ref state[0];
        double momentum = spec.Momentum.At(step);
        double direction = gradient + (spec.WeightDecay.At(step) * parameter);
        m = (momentum * m) + direction;
        return parameter - (spec.StepSize.At(step) * (direction + (momentum * m)));
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
        double momentum = spec.Momentum.At(step);
        double decay = (1 + momentum) * spec.WeightDecay.At(step) * parameter;
        return new AffineUpdate(stepSize * (decay + (momentum * momentum * state[0])), stepSize * (1 + momentum));
    }
}
