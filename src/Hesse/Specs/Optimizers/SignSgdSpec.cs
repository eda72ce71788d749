namespace Hesse.Specs;

/// <summary>theta - step-size sign(g)</summary>
public sealed record SignSgdSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public required Schedule StepSize { get; init; }

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "sign-sgd",
            "theta - step-size sign(gradient), sign(0) = 0",
            new SignSgdSpec { StepSize = OptimizerKinds.Missing },
            OptimizerKinds.StepSize<SignSgdSpec>(s => s.StepSize, (s, v) => s with { StepSize = v })
        );
}
