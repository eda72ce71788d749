namespace Hesse.Specs;

/// <summary>Adam in PyTorch's form; weight decay is added to the gradient.</summary>
public sealed record AdamSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public Schedule StepSize { get; init; } = new(1e-3);

    /// <summary>beta1</summary>
    public Schedule Beta1 { get; init; } = new(0.9);

    /// <summary>beta2</summary>
    public Schedule Beta2 { get; init; } = new(0.999);

    /// <summary>epsilon</summary>
    public Schedule Epsilon { get; init; } = new(1e-8);

    /// <summary>lambda, coefficient of theta added to the gradient.</summary>
    public Schedule WeightDecay { get; init; } = new(0);

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "adam",
            "Adam: theta - step-size m / (sqrt v + epsilon), m and v corrected for their start; weight decay is added to the gradient.",
            new AdamSpec(),
            OptimizerKinds.StepSize<AdamSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }, required: false),
            OptimizerKinds.Decay<AdamSpec>(
                "beta1",
                s => s.Beta1,
                (s, v) => s with { Beta1 = v },
                "What stays of the mean gradient m from one update to the next."
            ),
            OptimizerKinds.Decay<AdamSpec>(
                "beta2",
                s => s.Beta2,
                (s, v) => s with { Beta2 = v },
                "What stays of the mean squared gradient v from one update to the next."
            ),
            OptimizerKinds.Epsilon<AdamSpec>(s => s.Epsilon, (s, v) => s with { Epsilon = v }),
            OptimizerKinds.WeightDecay<AdamSpec>(s => s.WeightDecay, (s, v) => s with { WeightDecay = v })
        );
}
