using Hesse.Backends.Cpu.Updates;
using Hesse.Specs;

namespace Hesse.Backends.Cuda;

/// <summary>
/// What update.cuh reads of an update rule: which it is, its state vectors, and the numbers of a step, computed in double as in
/// Backends/Cpu/Updates and rounded once when they are uploaded.
/// </summary>
internal sealed class UpdateNumbers
{
    private readonly Func<int, double[]> _at;

    private UpdateNumbers(string rule, int states, Func<int, double[]> at)
    {
        Rule = rule;
        States = states;
        _at = at;
        Count = at(0).Length;
    }

    /// <summary>Name of the macro in update.cuh.</summary>
    public string Rule { get; }

    /// <summary>State vectors.</summary>
    public int States { get; }

    /// <summary>Numbers of a step.</summary>
    public int Count { get; }

    /// <summary>Whether the gradient is taken at theta + state 0.</summary>
    public bool LooksAhead => Rule == "RULE_MASS";

    /// <summary>The numbers of the update that follows this many updates.</summary>
    public ReadOnlySpan<double> At(int step) => _at(step);

    /// <summary>The rule of a spec, or null where there is no kernel for it.</summary>
    public static UpdateNumbers? Of(OptimizerSpec spec) =>
        spec switch
        {
            SgdSpec it => new("RULE_SGD", 0, t => [-it.StepSize.At(t), it.WeightDecay.At(t)]),
            MomentumSpec it => new(
                "RULE_MOMENTUM",
                1,
                t => [-it.StepSize.At(t), it.Momentum.At(t), t == 0 ? 1 : 1 - it.Dampening.At(t), it.WeightDecay.At(t)]
            ),
            NesterovSpec it => new(
                "RULE_NESTEROV",
                1,
                t => [-it.StepSize.At(t), it.Momentum.At(t), it.WeightDecay.At(t)]
            ),
            AdamSpec it => new(
                "RULE_ADAM",
                2,
                t => [.. Adam(t, it.StepSize, it.Beta1, it.Beta2, it.Epsilon), it.WeightDecay.At(t)]
            ),
            AdamWSpec it => new(
                "RULE_ADAMW",
                2,
                t =>
                    [
                        .. Adam(t, it.StepSize, it.Beta1, it.Beta2, it.Epsilon),
                        1 - (it.StepSize.At(t) * it.WeightDecay.At(t)),
                    ]
            ),
            RmsPropSpec it => new(
                "RULE_RMSPROP",
                1,
                t => [-it.StepSize.At(t), it.Decay.At(t), 1 - it.Decay.At(t), it.Epsilon.At(t)]
            ),
            AdagradSpec it => new("RULE_ADAGRAD", 1, t => [-it.StepSize.At(t), it.Epsilon.At(t)]),
            MassSpec it => new(
                "RULE_MASS",
                1,
                t => [-it.StepSize.At(t), it.SecondaryStepSize.At(t), it.Momentum.At(t)]
            ),
            PnmSpec it => new("RULE_PNM", 2, t => Pnm(it, t)),
            AdaPnmSpec it => new("RULE_ADAPNM", 4, t => AdaPnm(it, t)),
            SignSgdSpec it => new("RULE_SIGN_SGD", 0, t => [-it.StepSize.At(t)]),
            _ => null,
        };

    private static double[] Adam(int step, Schedule stepSize, Schedule beta1, Schedule beta2, Schedule epsilon) =>
        [
            -stepSize.At(step) / BiasCorrection.Weight(beta1.At(step), step + 1),
            beta1.At(step),
            1 - beta1.At(step),
            beta2.At(step),
            1 - beta2.At(step),
            1 / Math.Sqrt(BiasCorrection.Weight(beta2.At(step), step + 1)),
            epsilon.At(step),
        ];

    private static double[] Pnm(PnmSpec spec, int step)
    {
        double stepSize = spec.StepSize.At(step);
        double square = spec.Beta1.At(step) * spec.Beta1.At(step);
        double beta0 = spec.Beta0.At(step);
        double scale = stepSize / Math.Sqrt(((1 + beta0) * (1 + beta0)) + (beta0 * beta0));
        return [square, 1 - square, -scale * (1 + beta0), scale * beta0, 1 - (stepSize * spec.WeightDecay.At(step))];
    }

    private static double[] AdaPnm(AdaPnmSpec spec, int step)
    {
        double square = spec.Beta1.At(step) * spec.Beta1.At(step);
        double beta2 = spec.Beta2.At(step);
        double beta0 = spec.Beta0.At(step);
        double stepSize = spec.StepSize.At(step) / BiasCorrection.Weight(spec.Beta1.At(step), step + 1);
        double scale = stepSize / Math.Sqrt(((1 + beta0) * (1 + beta0)) + (beta0 * beta0));
        return
        [
            square,
            1 - square,
            beta2,
            1 - beta2,
            scale * (1 + beta0),
            -scale * beta0,
            1 / Math.Sqrt(BiasCorrection.Weight(beta2, step + 1)),
            spec.Epsilon.At(step),
        ];
    }
}
