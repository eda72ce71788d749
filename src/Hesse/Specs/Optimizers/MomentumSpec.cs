namespace Hesse.Specs;

/// <summary>Heavy ball in PyTorch's form: m &lt;- momentum m + (1 - dampening) g, theta &lt;- theta - step-size m.</summary>
public sealed record MomentumSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public required Schedule StepSize { get; init; }

    /// <summary>mu</summary>
    public Schedule Momentum { get; init; } = new(0);

    /// <summary>tau</summary>
    public Schedule Dampening { get; init; } = new(0);

    /// <summary>lambda, coefficient of theta added to the gradient.</summary>
    public Schedule WeightDecay { get; init; } = new(0);

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "momentum",
            "Heavy ball, PyTorch's form: m = momentum m + (1 - dampening) gradient, then theta - step-size m.",
            new MomentumSpec { StepSize = OptimizerKinds.Missing },
            OptimizerKinds.StepSize<MomentumSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }),
            OptimizerKinds.Momentum<MomentumSpec>(s => s.Momentum, (s, v) => s with { Momentum = v }, required: false),
            OptimizerKinds.Number<MomentumSpec>(
                "dampening",
                new NumberKind(0, 1),
                s => s.Dampening,
                (s, v) => s with { Dampening = v },
                "What is taken away from the gradient's share of m, from the second update on."
            ),
            OptimizerKinds.WeightDecay<MomentumSpec>(s => s.WeightDecay, (s, v) => s with { WeightDecay = v })
        );
}
