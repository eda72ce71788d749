namespace Hesse.Specs;

/// <summary>What a diagonal preconditioner is made of.</summary>
public enum PreconditionerSource
{
    /// <summary>Root of the squared mini-batch gradient.</summary>
    Gradient,

    /// <summary>Root of the diagonal of M, over all training samples.</summary>
    SecondMoment,

    /// <summary>Magnitude of the diagonal of the Hessian of the training loss.</summary>
    HessianDiagonal,
}

/// <summary>SGD with a diagonal preconditioner.</summary>
public sealed record PreconditionedSgdSpec : OptimizerSpec
{
    /// <summary>eta</summary>
    public required Schedule StepSize { get; init; }

    /// <summary>What the preconditioner is made of.</summary>
    public required PreconditionerSource From { get; init; }

    /// <summary>epsilon</summary>
    public Schedule Epsilon { get; init; } = new(1e-8);

    /// <summary>What stays of the running mean from one update to the next; 0 for the current value alone.</summary>
    public Schedule Decay { get; init; } = new(0.99);

    internal override bool IsElementWise => false;

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "preconditioned-sgd",
            "theta - step-size gradient / (d + epsilon), d from a running mean that begins with its first value.",
            new PreconditionedSgdSpec { StepSize = OptimizerKinds.Missing, From = PreconditionerSource.SecondMoment },
            OptimizerKinds.StepSize<PreconditionedSgdSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }),
            new SpecKey<PreconditionedSgdSpec, PreconditionerSource>(
                "from",
                new ChoiceKind<PreconditionerSource>(),
                s => s.From,
                (s, v) => s with { From = v },
                "gradient: root of squared mini-batch gradients; second-moment: root of the diagonal of M; hessian-diagonal: magnitude of that of H."
            )
            {
                Required = true,
            },
            OptimizerKinds.Epsilon<PreconditionedSgdSpec>(s => s.Epsilon, (s, v) => s with { Epsilon = v }),
            OptimizerKinds.Decay<PreconditionedSgdSpec>(
                "decay",
                s => s.Decay,
                (s, v) => s with { Decay = v },
                "What stays of the running mean from one update to the next; 0 for the current value alone."
            )
        );
}
