namespace Hesse.Specs;

/// <summary>Adagrad in PyTorch's form.</summary>
public sealed record AdagradSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public Schedule StepSize { get; init; } = new(0.01);

    /// <summary>epsilon</summary>
    public Schedule Epsilon { get; init; } = new(1e-10);

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "adagrad",
            "Adagrad: v = v + gradient^2, then theta - step-size gradient / (sqrt v + epsilon).",
            new AdagradSpec(),
            OptimizerKinds.StepSize<AdagradSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }, required: false),
            OptimizerKinds.Epsilon<AdagradSpec>(s => s.Epsilon, (s, v) => s with { Epsilon = v })
        );
}
