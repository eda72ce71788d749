namespace Hesse.Specs;

/// <summary>Nesterov's momentum in PyTorch's form: m &lt;- momentum m + g, theta &lt;- theta - step-size (g + momentum m).</summary>
public sealed record NesterovSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public required Schedule StepSize { get; init; }

    /// <summary>mu</summary>
    public required Schedule Momentum { get; init; }

    /// <summary>lambda, coefficient of theta added to the gradient.</summary>
    public Schedule WeightDecay { get; init; } = new(0);

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "nesterov",
            "Nesterov's momentum, PyTorch's form: m = momentum m + gradient, then theta - step-size (gradient + momentum m).",
            new NesterovSpec { StepSize = OptimizerKinds.Missing, Momentum = OptimizerKinds.Missing },
            OptimizerKinds.StepSize<NesterovSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }),
            OptimizerKinds.Momentum<NesterovSpec>(s => s.Momentum, (s, v) => s with { Momentum = v }),
            OptimizerKinds.WeightDecay<NesterovSpec>(s => s.WeightDecay, (s, v) => s with { WeightDecay = v })
        );
}
