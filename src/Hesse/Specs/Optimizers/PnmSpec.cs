namespace Hesse.Specs;

/// <summary>Positive-negative momentum.</summary>
public sealed record PnmSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public required Schedule StepSize { get; init; }

    /// <summary>beta1; a momentum is updated every second step and keeps beta1^2 of itself.</summary>
    public Schedule Beta1 { get; init; } = new(0.9);

    /// <summary>beta0, weight of the negative momentum.</summary>
    public Schedule Beta0 { get; init; } = new(1);

    /// <summary>lambda: theta shrinks by 1 - eta lambda before each update.</summary>
    public Schedule WeightDecay { get; init; } = new(0);

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "pnm",
            "Two momenta updated in turns: theta - step-size ((1 + beta0) fresh - beta0 other) / sqrt((1 + beta0)^2 + beta0^2).",
            new PnmSpec { StepSize = OptimizerKinds.Missing },
            OptimizerKinds.StepSize<PnmSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }),
            OptimizerKinds.Decay<PnmSpec>(
                "beta1",
                s => s.Beta1,
                (s, v) => s with { Beta1 = v },
                "Of a momentum, updated every second step, beta1^2 stays."
            ),
            OptimizerKinds.Number<PnmSpec>(
                "beta0",
                new NumberKind(0),
                s => s.Beta0,
                (s, v) => s with { Beta0 = v },
                "Weight of the negative momentum."
            ),
            OptimizerKinds.Number<PnmSpec>(
                "weight-decay",
                new NumberKind(0),
                s => s.WeightDecay,
                (s, v) => s with { WeightDecay = v },
                "theta shrinks by 1 - step-size weight-decay before each update; no part of the reported loss."
            )
        );
}
