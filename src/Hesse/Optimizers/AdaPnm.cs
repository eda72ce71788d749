using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// Adam with positive-negative momentum: step size eta, beta1, beta2, beta0, epsilon; state: the two momenta of <see cref="Pnm"/>,
/// v and the largest v so far, w (amsgrad). In update t = 1, 2, ..., of the momentum m whose turn it is and the other, n:
/// m &lt;- beta1^2 m + (1 - beta1^2) g,  v &lt;- beta2 v + (1 - beta2) g^2,  w &lt;- max(w, v),
/// theta &lt;- theta - eta/(1 - beta1^t) ((1 + beta0) m - beta0 n) / sqrt((1 + beta0)^2 + beta0^2) / (sqrt w / sqrt(1 - beta2^t) + epsilon).
/// The correction uses beta1^t although a momentum keeps beta1^2: so do the authors. Source as <see cref="Pnm"/>.
/// </summary>
internal sealed class AdaPnm(AdaPnmSpec spec) : UpdateRule
{
    public override int StateCount => 4;

    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        ref double m = ref state[step % 2];
        double other = state[1 - (step % 2)];
        ref double v = ref state[2];
        ref double largest = ref state[3];
        double beta1 = spec.Beta1.At(step);
        double beta2 = spec.Beta2.At(step);
        double beta0 = spec.Beta0.At(step);
        m = (beta1 * beta1 * m) + ((1 - (beta1 * beta1)) * gradient);
        v = (beta2 * v) + ((1 - beta2) * gradient * gradient);
        largest = Math.Max(largest, v);
        double root = Math.Sqrt(largest) / Math.Sqrt(1 - Math.Pow(beta2, step + 1));
        double stepSize = spec.StepSize.At(step) / (1 - Math.Pow(beta1, step + 1));
        double direction = ((1 + beta0) * m) - (beta0 * other);
        double size = Math.Sqrt(Math.Pow(1 + beta0, 2) + Math.Pow(beta0, 2));
        return parameter - (stepSize * direction / size / (root + spec.Epsilon.At(step)));
    }

    public override double? Preconditioner(int updates, ReadOnlySpan<double> state)
    {
        int step = updates - 1;
        double root = Math.Sqrt(state[3]) / Math.Sqrt(1 - Math.Pow(spec.Beta2.At(step), updates));
        return (1 - Math.Pow(spec.Beta1.At(step), updates)) * (root + spec.Epsilon.At(step));
    }
}
