using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// MaSS: step size eta1, secondary step size eta2, momentum gamma. The gradient is taken at u, the parameters are w; u_0 = w_0.
/// w' = u - eta1 g(u),  u' = w' + gamma (w' - w) + eta2 g(u).
/// State: u - w, zero at the start; a momentum, so that rescaled weights carry u along. eta2 = 0 is Nesterov's momentum.
/// C. Liu, M. Belkin, Accelerating SGD with momentum for over-parameterized learning, arXiv 1810.13395.
/// </summary>
internal sealed class Mass(MassSpec spec) : UpdateRule
{
    public override int StateCount => 1;

    public override bool LooksAhead => true;

    public override double Update(int step, double parameter, double gradient, Span<double> state)
    {
        ref double ahead = ref state[0];
        double moved = parameter + ahead - (spec.StepSize.At(step) * gradient);
        ahead = (spec.Momentum.At(step) * (moved - parameter)) + (spec.SecondaryStepSize.At(step) * gradient);
        return moved;
    }
}
