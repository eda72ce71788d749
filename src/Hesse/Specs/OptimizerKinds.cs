namespace Hesse.Specs;

/// <summary>The update rules and their keys: one entry a rule.</summary>
internal static class OptimizerKinds
{
    public static Union<OptimizerSpec> All { get; } =
        new(
            new Variant<OptimizerSpec, SgdSpec>(
                "sgd",
                "theta - step-size (gradient + weight-decay theta)",
                new SgdSpec { StepSize = new Schedule(0) },
                new SpecKey<SgdSpec, Schedule>(
                    "step-size",
                    StepSize(),
                    s => s.StepSize,
                    (s, v) => s with { StepSize = v },
                    "eta"
                )
                {
                    Required = true,
                },
                new SpecKey<SgdSpec, Schedule>(
                    "weight-decay",
                    WeightDecay(),
                    s => s.WeightDecay,
                    (s, v) => s with { WeightDecay = v },
                    "Coefficient of theta added to the gradient; no part of the reported loss."
                )
            )
        );

    private static ScheduleKind StepSize() => new(new NumberKind(0, open: true));

    private static ScheduleKind WeightDecay() => new(new NumberKind(0));
}
