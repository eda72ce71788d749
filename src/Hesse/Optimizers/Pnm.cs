using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// Positive-negative momentum: step size eta, beta1, beta0, weight decay lambda; state: two momenta that take turns, the first
/// in updates 1, 3, 5, ... Of the one whose turn it is, m, and the other, n:
/// theta &lt;- (1 - eta lambda) theta,  m &lt;- beta1^2 m + (1 - beta1^2) g,
/// theta &lt;- theta - eta ((1 + beta0) m - beta0 n) / sqrt((1 + beta0)^2 + beta0^2). No correction for the start.
/// Z. Xie, L. Yuan, Z. Zhu, M. Sugiyama, Positive-negative momentum, ICML 2021.
/// </summary>
internal sealed class Pnm(PnmSpec spec) : UpdateRule
{
    public override int StateCount => 2;

    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        ref double m = ref state[step % 2];
        double other = state[1 - (step % 2)];
        double square = Math.Pow(spec.Beta1.At(step), 2);
        double beta0 = spec.Beta0.At(step);
        double stepSize = spec.StepSize.At(step);
        m = (square * m) + ((1 - square) * gradient);
        double direction = ((1 + beta0) * m) - (beta0 * other);
        double size = Math.Sqrt(Math.Pow(1 + beta0, 2) + Math.Pow(beta0, 2));
        return ((1 - (stepSize * spec.WeightDecay.At(step))) * parameter) - (stepSize / size * direction);
    }
}
