namespace Hesse.Specs;

/// <summary>Adam with positive-negative momentum, amsgrad on.</summary>
public sealed record AdaPnmSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public Schedule StepSize { get; init; } = new(1e-3);

    /// <summary>beta1; a momentum is updated every second step and keeps beta1^2 of itself.</summary>
    public Schedule Beta1 { get; init; } = new(0.9);

    /// <summary>beta2</summary>
    public Schedule Beta2 { get; init; } = new(0.999);

    /// <summary>beta0, weight of the negative momentum.</summary>
    public Schedule Beta0 { get; init; } = new(1);

    /// <summary>epsilon</summary>
    public Schedule Epsilon { get; init; } = new(1e-8);

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "adapnm",
            "pnm's momentum divided by the root of the largest v so far, both corrected for their start.",
            new AdaPnmSpec(),
            OptimizerKinds.StepSize<AdaPnmSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }, required: false),
            OptimizerKinds.Decay<AdaPnmSpec>(
                "beta1",
                s => s.Beta1,
                (s, v) => s with { Beta1 = v },
                "Of a momentum, updated every second step, beta1^2 stays."
            ),
            OptimizerKinds.Decay<AdaPnmSpec>(
                "beta2",
                s => s.Beta2,
                (s, v) => s with { Beta2 = v },
                "What stays of the mean squared gradient v from one update to the next."
            ),
            OptimizerKinds.Number<AdaPnmSpec>(
                "beta0",
                new NumberKind(0),
                s => s.Beta0,
                (s, v) => s with { Beta0 = v },
                "Weight of the negative momentum."
            ),
            OptimizerKinds.Epsilon<AdaPnmSpec>(s => s.Epsilon, (s, v) => s with { Epsilon = v })
        );
}
