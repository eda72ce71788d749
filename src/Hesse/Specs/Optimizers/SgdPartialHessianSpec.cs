namespace Hesse.Specs;

/// <summary>Heavy ball whose hidden biases are divided by row sums of their Hessian blocks.</summary>
public sealed record SgdPartialHessianSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public required Schedule StepSize { get; init; }

    /// <summary>mu</summary>
    public Schedule Momentum { get; init; } = new(0.9);

    /// <summary>What stays of the mean row sum from one visit of a layer to the next.</summary>
    public required Schedule Beta { get; init; }

    /// <summary>tau</summary>
    public Schedule Scale { get; init; } = new(1e-3);

    /// <summary>epsilon</summary>
    public Schedule Epsilon { get; init; } = new(1e-4);

    internal override bool IsElementWise => false;

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "sgd-partial-hessian",
            "SGD-PH: momentum, and for the biases of hidden layers in turns a second-order step by row sums of their Hessian blocks.",
            new SgdPartialHessianSpec { StepSize = OptimizerKinds.Missing, Beta = OptimizerKinds.Missing },
            OptimizerKinds.StepSize<SgdPartialHessianSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }),
            OptimizerKinds.Number<SgdPartialHessianSpec>(
                "momentum",
                new NumberKind(0, 1),
                s => s.Momentum,
                (s, v) => s with { Momentum = v },
                "What stays of m from one update to the next."
            ),
            OptimizerKinds.Number<SgdPartialHessianSpec>(
                "beta",
                new NumberKind(0, 1, openMaximum: true),
                s => s.Beta,
                (s, v) => s with { Beta = v },
                "What stays of a layer's mean row sums from one visit to the next.",
                required: true
            ),
            OptimizerKinds.Number<SgdPartialHessianSpec>(
                "scale",
                new NumberKind(0, open: true),
                s => s.Scale,
                (s, v) => s with { Scale = v },
                "tau, multiplies the second-order step."
            ),
            OptimizerKinds.Epsilon<SgdPartialHessianSpec>(s => s.Epsilon, (s, v) => s with { Epsilon = v })
        );
}
