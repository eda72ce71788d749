namespace Hesse.Specs;

/// <summary>Adam with decoupled weight decay, in PyTorch's form.</summary>
public sealed record AdamWSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public Schedule StepSize { get; init; } = new(1e-3);

    /// <summary>beta1</summary>
    public Schedule Beta1 { get; init; } = new(0.9);

    /// <summary>beta2</summary>
    public Schedule Beta2 { get; init; } = new(0.999);

    /// <summary>epsilon</summary>
    public Schedule Epsilon { get; init; } = new(1e-8);

    /// <summary>lambda: theta shrinks by 1 - eta lambda before each update.</summary>
    public Schedule WeightDecay { get; init; } = new(0.01);

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "adamw",
            "Adam after theta (1 - step-size weight-decay): weight decay apart from the gradient.",
            new AdamWSpec(),
            OptimizerKinds.StepSize<AdamWSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }, required: false),
            OptimizerKinds.Decay<AdamWSpec>(
                "beta1",
                s => s.Beta1,
                (s, v) => s with { Beta1 = v },
                "What stays of the mean gradient m from one update to the next."
            ),
            OptimizerKinds.Decay<AdamWSpec>(
                "beta2",
                s => s.Beta2,
                (s, v) => s with { Beta2 = v },
                "What stays of the mean squared gradient v from one update to the next."
            ),
            OptimizerKinds.Epsilon<AdamWSpec>(s => s.Epsilon, (s, v) => s with { Epsilon = v }),
            OptimizerKinds.Number<AdamWSpec>(
                "weight-decay",
                new NumberKind(0),
                s => s.WeightDecay,
                (s, v) => s with { WeightDecay = v },
                "theta shrinks by 1 - step-size weight-decay before each update; no part of the reported loss."
            )
        );
}
