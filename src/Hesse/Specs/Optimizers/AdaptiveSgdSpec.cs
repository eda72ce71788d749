namespace Hesse.Specs;

/// <summary>SGD whose step size minimises the expected loss after the step, to second order.</summary>
public sealed record AdaptiveSgdSpec : OptimizerSpec
{
    /// <summary>Multiplies the minimiser.</summary>
    public Schedule StepSize { get; init; } = new(1);

    /// <summary>Updates from one computation of the minimiser to the next.</summary>
    public int Refresh { get; init; } = 1;

    internal override bool IsElementWise => false;

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "adaptive-sgd",
            "theta - eta gradient with eta = step-size ||mu||^2 / |tr(H M)|: mu the full gradient, M the second moment of mini-batch gradients.",
            new AdaptiveSgdSpec(),
            OptimizerKinds.Number<AdaptiveSgdSpec>(
                "step-size",
                new NumberKind(0, open: true),
                s => s.StepSize,
                (s, v) => s with { StepSize = v },
                "Multiplies the step size that minimises the expected loss; above 2 the loss is expected to rise."
            ),
            new SpecKey<AdaptiveSgdSpec, int>(
                "refresh",
                new IntegerKind<int>(1, int.MaxValue),
                s => s.Refresh,
                (s, v) => s with { Refresh = v },
                "Updates from one computation of the ratio to the next."
            )
        );
}
