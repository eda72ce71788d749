using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// Sign descent: theta &lt;- theta - eta sign(g), sign(0) = 0; NaN stays NaN, so that a diverged replica shows itself. No state.
/// J. Bernstein, Y. Wang, K. Azizzadenesheli, A. Anandkumar, signSGD, arXiv 1802.04434.
/// </summary>
internal sealed class SignSgd(SignSgdSpec spec) : UpdateRule
{
    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        double sign = double.IsNaN(gradient) ? gradient : Math.Sign(gradient);
        return parameter - (spec.StepSize.At(step) * sign);
    }
}
