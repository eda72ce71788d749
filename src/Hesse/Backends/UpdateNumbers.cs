using Hesse.Optimizers;
using Hesse.Specs;

namespace Hesse.Backends;

/// <summary>
/// What the fused kernels read of an update rule, Backends/Cpu/Updates and update.cuh alike: which rule it is, its state vectors, and
/// the numbers of a step in one order, computed in double and rounded once where they are read.
/// </summary>
internal sealed class UpdateNumbers
{
    private readonly Write _write;
    private readonly int[] _changes; // steps at which a number may change, ascending
    private readonly bool _alwaysChange;

    private UpdateNumbers(
        string rule,
        int states,
        int count,
        Schedule[] schedules,
        Write write,
        bool alwaysChange = false
    )
    {
        Rule = rule;
        States = states;
        Count = count;
        _write = write;
        _alwaysChange = alwaysChange;
        // Step 1: a rule's first update may be unlike the others.
        _changes = [.. schedules.SelectMany(schedule => schedule.Milestones ?? []).Append(1).Distinct().Order()];
    }

    private delegate void Write(int step, Span<double> numbers);

    /// <summary>Name of the macro in update.cuh.</summary>
    public string Rule { get; }

    /// <summary>State vectors.</summary>
    public int States { get; }

    /// <summary>Numbers of a step.</summary>
    public int Count { get; }

    /// <summary>Whether the gradient is taken at theta + state 0.</summary>
    public bool LooksAhead => Rule == "RULE_MASS";

    /// <summary>Writes the numbers of the update that follows this many updates. (Count)</summary>
    public void At(int step, Span<double> numbers) => _write(step, numbers);

    /// <summary>The first later step whose numbers may be others.</summary>
    public int ChangeAfter(int step)
    {
        if (_alwaysChange)
        {
            return step + 1;
        }

        foreach (int change in _changes)
        {
            if (change > step)
            {
                return change;
            }
        }

        return int.MaxValue;
    }

    /// <summary>The rule of a spec, or null where there is no fused kernel for it.</summary>
    public static UpdateNumbers? Of(OptimizerSpec spec) =>
        spec switch
        {
            SgdSpec it => new(
                "RULE_SGD",
                0,
                2,
                [it.StepSize, it.WeightDecay],
                (t, to) => Put(to, -it.StepSize.At(t), it.WeightDecay.At(t))
            ),
            MomentumSpec it => new(
                "RULE_MOMENTUM",
                1,
                4,
                [it.StepSize, it.Momentum, it.Dampening, it.WeightDecay],
                (t, to) =>
                    Put(
                        to,
                        -it.StepSize.At(t),
                        it.Momentum.At(t),
                        t == 0 ? 1 : 1 - it.Dampening.At(t),
                        it.WeightDecay.At(t)
                    )
            ),
            NesterovSpec it => new(
                "RULE_NESTEROV",
                1,
                3,
                [it.StepSize, it.Momentum, it.WeightDecay],
                (t, to) => Put(to, -it.StepSize.At(t), it.Momentum.At(t), it.WeightDecay.At(t))
            ),
            AdamSpec it => new(
                "RULE_ADAM",
                2,
                8,
                [],
                (t, to) => Adam(t, to, it.StepSize, it.Beta1, it.Beta2, it.Epsilon, it.WeightDecay.At(t)),
                alwaysChange: true
            ),
            AdamWSpec it => new(
                "RULE_ADAMW",
                2,
                8,
                [],
                (t, to) =>
                    Adam(
                        t,
                        to,
                        it.StepSize,
                        it.Beta1,
                        it.Beta2,
                        it.Epsilon,
                        1 - (it.StepSize.At(t) * it.WeightDecay.At(t))
                    ),
                alwaysChange: true
            ),
            RmsPropSpec it => new(
                "RULE_RMSPROP",
                1,
                4,
                [it.StepSize, it.Decay, it.Epsilon],
                (t, to) => Put(to, -it.StepSize.At(t), it.Decay.At(t), 1 - it.Decay.At(t), it.Epsilon.At(t))
            ),
            AdagradSpec it => new(
                "RULE_ADAGRAD",
                1,
                2,
                [it.StepSize, it.Epsilon],
                (t, to) => Put(to, -it.StepSize.At(t), it.Epsilon.At(t))
            ),
            MassSpec it => new(
                "RULE_MASS",
                1,
                3,
                [it.StepSize, it.SecondaryStepSize, it.Momentum],
                (t, to) => Put(to, -it.StepSize.At(t), it.SecondaryStepSize.At(t), it.Momentum.At(t))
            ),
            PnmSpec it => new(
                "RULE_PNM",
                2,
                5,
                [it.StepSize, it.Beta1, it.Beta0, it.WeightDecay],
                (t, to) => Pnm(t, to, it)
            ),
            AdaPnmSpec it => new("RULE_ADAPNM", 4, 8, [], (t, to) => AdaPnm(t, to, it), alwaysChange: true),
            SignSgdSpec it => new("RULE_SIGN_SGD", 0, 1, [it.StepSize], (t, to) => Put(to, -it.StepSize.At(t))),
            _ => null,
        };

    private static void Put(Span<double> to, params ReadOnlySpan<double> numbers) => numbers.CopyTo(to);

    // decay: lambda of adam, 1 - eta lambda of adamw.
    private static void Adam(
        int step,
        Span<double> to,
        Schedule stepSize,
        Schedule beta1,
        Schedule beta2,
        Schedule epsilon,
        double decay
    ) =>
        Put(
            to,
            -stepSize.At(step) / BiasCorrection.Weight(beta1.At(step), step + 1),
            beta1.At(step),
            1 - beta1.At(step),
            beta2.At(step),
            1 - beta2.At(step),
            1 / Math.Sqrt(BiasCorrection.Weight(beta2.At(step), step + 1)),
            epsilon.At(step),
            decay
        );

    private static void Pnm(int step, Span<double> to, PnmSpec spec)
    {
        double stepSize = spec.StepSize.At(step);
        double square = spec.Beta1.At(step) * spec.Beta1.At(step);
        double beta0 = spec.Beta0.At(step);
        double scale = stepSize / Math.Sqrt(((1 + beta0) * (1 + beta0)) + (beta0 * beta0));
        Put(to, square, 1 - square, -scale * (1 + beta0), scale * beta0, 1 - (stepSize * spec.WeightDecay.At(step)));
    }

    private static void AdaPnm(int step, Span<double> to, AdaPnmSpec spec)
    {
        double square = spec.Beta1.At(step) * spec.Beta1.At(step);
        double beta2 = spec.Beta2.At(step);
        double beta0 = spec.Beta0.At(step);
        double stepSize = spec.StepSize.At(step) / BiasCorrection.Weight(spec.Beta1.At(step), step + 1);
        double scale = stepSize / Math.Sqrt(((1 + beta0) * (1 + beta0)) + (beta0 * beta0));
        Put(
            to,
            square,
            1 - square,
            beta2,
            1 - beta2,
            scale * (1 + beta0),
            -scale * beta0,
            1 / Math.Sqrt(BiasCorrection.Weight(beta2, step + 1)),
            spec.Epsilon.At(step)
        );
    }
}
