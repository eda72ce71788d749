using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// Adagrad as PyTorch has it: step size eta, epsilon; state v.
/// v &lt;- v + g^2,  theta &lt;- theta - eta g / (sqrt v + epsilon).
/// J. Duchi, E. Hazan, Y. Singer, Adaptive subgradient methods, 2011.
/// </summary>
internal sealed class Adagrad(AdagradSpec spec) : UpdateRule
{
    public override int StateCount => 1;

    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        ref double v = ref state[0];
        v += gradient * gradient;
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
        double v = state[0] + (mean * mean) + variance;
        return new AffineUpdate(0, spec.StepSize.At(step) / (Math.Sqrt(v) + spec.Epsilon.At(step)));
    }
}
