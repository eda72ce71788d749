using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// Adam as PyTorch has it: step size eta, beta1, beta2, epsilon, weight decay lambda; state m, v. In update t = 1, 2, ...
/// d = g + lambda theta,  m &lt;- beta1 m + (1 - beta1) d,  v &lt;- beta2 v + (1 - beta2) d^2,
/// theta &lt;- theta - eta/(1 - beta1^t) m / (sqrt v / sqrt(1 - beta2^t) + epsilon).
/// Under a schedule beta^t is a power of the beta of that update. D. P. Kingma, J. Ba, arXiv 1412.6980.
/// </summary>
internal sealed class Adam(AdamSpec spec) : UpdateRule
{
    public override int StateCount => 2;

    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        ref double m = ref state[0];
        ref double v = ref state[1];
        double beta1 = spec.Beta1.At(step);
        double beta2 = spec.Beta2.At(step);
        double direction = gradient + (spec.WeightDecay.At(step) * parameter);
        m = (beta1 * m) + ((1 - beta1) * direction);
        v = (beta2 * v) + ((1 - beta2) * direction * direction);
        double stepSize = spec.StepSize.At(step) / (1 - Math.Pow(beta1, step + 1));
        double root = Math.Sqrt(v) / Math.Sqrt(1 - Math.Pow(beta2, step + 1));
        return parameter - (stepSize * m / (root + spec.Epsilon.At(step)));
    }

    public override double? Preconditioner(int updates, ReadOnlySpan<double> state)
    {
        int step = updates - 1;
        double root = Math.Sqrt(state[1]) / Math.Sqrt(1 - Math.Pow(spec.Beta2.At(step), updates));
        return (1 - Math.Pow(spec.Beta1.At(step), updates)) * (root + spec.Epsilon.At(step));
    }

    public override AffineUpdate? Affine(
        int step,
        double parameter,
        ReadOnlySpan<double> state,
        double mean,
        double variance
    )
    {
        double beta1 = spec.Beta1.At(step);
        double beta2 = spec.Beta2.At(step);
        double decay = spec.WeightDecay.At(step) * parameter;
        double square = ((mean + decay) * (mean + decay)) + variance;
        double v = (beta2 * state[1]) + ((1 - beta2) * square);
        double root = Math.Sqrt(v) / Math.Sqrt(1 - Math.Pow(beta2, step + 1));
        double stepSize = spec.StepSize.At(step) / (1 - Math.Pow(beta1, step + 1)) / (root + spec.Epsilon.At(step));
        return new AffineUpdate(stepSize * ((beta1 * state[0]) + ((1 - beta1) * decay)), stepSize * (1 - beta1));
    }
}
