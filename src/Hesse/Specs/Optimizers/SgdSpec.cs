namespace Hesse.Specs;

/// <summary>theta - step-size (g + weight-decay theta)</summary>
public sealed record SgdSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public required Schedule StepSize { get; init; }

    /// <summary>lambda, coefficient of theta added to the gradient.</summary>
    public Schedule WeightDecay { get; init; } = new(0);

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "sgd",
            "theta - step-size (gradient + weight-decay theta)",
            new SgdSpec { StepSize = OptimizerKinds.Missing },
            OptimizerKinds.StepSize<SgdSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }),
            OptimizerKinds.WeightDecay<SgdSpec>(s => s.WeightDecay, (s, v) => s with { WeightDecay = v })
        );
}
