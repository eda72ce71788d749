namespace Hesse.Specs;

/// <summary>MaSS: Nesterov's momentum with a compensating second step.</summary>
public sealed record MassSpec : OptimizerSpec
{
    /// <summary>eta1</summary>
    public required Schedule StepSize { get; init; }

    /// <summary>eta2</summary>
    public required Schedule SecondaryStepSize { get; init; }

    /// <summary>gamma</summary>
    public required Schedule Momentum { get; init; }

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "mass",
            "MaSS: w = u - step-size gradient(u), then u = w + momentum (w - previous w) + secondary-step-size gradient(u). Parameters are w.",
            new MassSpec
            {
                StepSize = OptimizerKinds.Missing,
                SecondaryStepSize = OptimizerKinds.Missing,
                Momentum = OptimizerKinds.Missing,
            },
            OptimizerKinds.StepSize<MassSpec>(s => s.StepSize, (s, v) => s with { StepSize = v }),
            OptimizerKinds.Number<MassSpec>(
                "secondary-step-size",
                new NumberKind(0),
                s => s.SecondaryStepSize,
                (s, v) => s with { SecondaryStepSize = v },
                "eta2, the compensation; 0 is Nesterov's momentum.",
                required: true
            ),
            OptimizerKinds.Momentum<MassSpec>(s => s.Momentum, (s, v) => s with { Momentum = v })
        );
}
