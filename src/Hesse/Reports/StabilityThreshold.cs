using Hesse.Specs;

namespace Hesse.Reports;

/// <summary>
/// The largest eigenvalue at which full-batch training of a quadratic stays stable: 2/eta and its counterparts (Cohen et al.
/// 2021, 2022).
/// </summary>
/// <param name="Formula">For captions and legends.</param>
/// <param name="At">Its value for the update that follows so many updates.</param>
internal sealed record StabilityThreshold(string Formula, Func<int, double> At)
{
    /// <summary>The threshold of the Hessian's eigenvalues, or null for rules without one.</summary>
    public static StabilityThreshold? OfHessian(OptimizerSpec optimizer) =>
        optimizer switch
        {
            { RescaleWeights: true } => null,
            SgdSpec sgd => Decayed("2/η", sgd.WeightDecay, t => 2 / sgd.StepSize.At(t)),
            MomentumSpec heavy => Decayed(
                heavy.Dampening.Start == 0 ? "2(1+β)/η" : "2(1+β)/(η(1−τ))",
                heavy.WeightDecay,
                t => 2 * (1 + heavy.Momentum.At(t)) / (heavy.StepSize.At(t) * (1 - heavy.Dampening.At(t)))
            ),
            NesterovSpec nesterov => Decayed(
                "2(1+β)/(η(1+2β))",
                nesterov.WeightDecay,
                t => 2 * (1 + nesterov.Momentum.At(t)) / (nesterov.StepSize.At(t) * (1 + (2 * nesterov.Momentum.At(t))))
            ),
            GradientFlowSpec { StepSize: { } held } => new StabilityThreshold("2/η", t => 2 / held.At(t)),
            _ => null,
        };

    /// <summary>The threshold of the preconditioned Hessian's eigenvalues, or null for rules without one.</summary>
    public static StabilityThreshold? OfPreconditioned(OptimizerSpec optimizer) =>
        optimizer switch
        {
            { RescaleWeights: true } => null,
            AdamSpec adam => Adaptive(adam.StepSize, adam.Beta1),
            AdamWSpec adamW => Adaptive(adamW.StepSize, adamW.Beta1),
            RmsPropSpec rmsProp => new StabilityThreshold("2/η", t => 2 / rmsProp.StepSize.At(t)),
            AdagradSpec adagrad => new StabilityThreshold("2/η", t => 2 / adagrad.StepSize.At(t)),
            _ => OfHessian(optimizer),
        };

    private static StabilityThreshold Adaptive(Schedule stepSize, Schedule beta1) =>
        new("2(1+β₁)/(η(1−β₁))", t => 2 * (1 + beta1.At(t)) / (stepSize.At(t) * (1 - beta1.At(t))));

    // Weight decay lambda adds lambda to every eigenvalue that the update sees, but not to those of the data loss.
    private static StabilityThreshold Decayed(string formula, Schedule decay, Func<int, double> plain) =>
        decay.Start == 0
            ? new StabilityThreshold(formula, plain)
            : new StabilityThreshold($"{formula} − λ", t => plain(t) - decay.At(t));
}
