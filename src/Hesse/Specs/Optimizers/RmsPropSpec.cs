namespace Hesse.Specs;

/// <summary>RMSprop in PyTorch's form, neither centred nor with momentum.</summary>
public sealed record RmsPropSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public Schedule StepSize { get; init; } = new(0.01);

    /// <summary>alpha of PyTorch.</summary>
    public Schedule Decay { get; init; } = new(0.99);

    /// <summary>epsilon</summary>
    public Schedule Epsilon { get; init; } = new(1e-8);

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "rmsprop",
            "RMSprop: v = decay v + (1 - decay) gradient^2, then theta - step-size gradient / (sqrt v + epsilon).",
            new RmsPropSpec(),
            OptimizerKinds.StepSize<RmsPropSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }, required: false),
            OptimizerKinds.Decay<RmsPropSpec>(
                "decay",
                s => s.Decay,
                (s, v) => s with { Decay = v },
                "What stays of the mean squared gradient v from one update to the next."
            ),
            OptimizerKinds.Epsilon<RmsPropSpec>(s => s.Epsilon, (s, v) => s with { Epsilon = v })
        );
}
