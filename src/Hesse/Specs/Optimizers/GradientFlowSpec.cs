namespace Hesse.Specs;

/// <summary>How the flow is integrated.</summary>
public enum FlowMethod
{
    /// <summary>The classic Runge-Kutta method of order 4, its step tied to the sharpness.</summary>
    Rk4,

    /// <summary>Dormand and Prince's pair of orders 5 and 4, its step tied to the estimated error.</summary>
    Adaptive,

    /// <summary>The central flow of gradient descent: rk4 with eigenvalues held at 2 / step-size or below.</summary>
    Central,
}

/// <summary>Gradient flow; one training step is one tick of time.</summary>
public sealed record GradientFlowSpec : OptimizerSpec
{
    /// <summary>How the flow is integrated.</summary>
    public FlowMethod Method { get; init; } = FlowMethod.Rk4;

    /// <summary>Of rk4: the inner step is safety / sharpness.</summary>
    public Schedule Safety { get; init; } = new(1);

    /// <summary>Of adaptive: the error of an inner step, absolute and relative.</summary>
    public Schedule Tolerance { get; init; } = new(1e-6);

    /// <summary>Time that one training step takes.</summary>
    public Schedule Tick { get; init; } = new(1);

    /// <summary>Of central: the step size of the descent whose time average is followed.</summary>
    public Schedule? StepSize { get; init; }

    /// <summary>Of central: eigenvalues from this share of 2 / step-size on are held.</summary>
    public double Critical { get; init; } = 0.975;

    internal override bool IsElementWise => false;

    internal static Variant<OptimizerSpec> Keys() =>
        OptimizerKinds.Rule(
            "gradient-flow",
            "d theta / dt = -gradient of the full loss, integrated; one training step is one tick of time. Goes with batch order full.",
            new GradientFlowSpec(),
            new SpecKey<GradientFlowSpec, FlowMethod>(
                "method",
                new ChoiceKind<FlowMethod>(),
                s => s.Method,
                (s, v) => s with { Method = v },
                "rk4: classic Runge-Kutta with inner step safety / sharpness; adaptive: Dormand and Prince's pair with error control; central: the central flow of gradient descent, rk4 with eigenvalues held at 2 / step-size."
            ),
            OptimizerKinds.Number<GradientFlowSpec>(
                "safety",
                new NumberKind(0, open: true),
                s => s.Safety,
                (s, v) => s with { Safety = v },
                "Of rk4 and central: inner step times sharpness; stable below 2.785."
            ),
            OptimizerKinds.Number<GradientFlowSpec>(
                "tolerance",
                new NumberKind(0, open: true),
                s => s.Tolerance,
                (s, v) => s with { Tolerance = v },
                "Of adaptive: estimated error of an inner step, relative to 1 + |theta|, root mean square over the parameters."
            ),
            OptimizerKinds.Number<GradientFlowSpec>(
                "tick",
                new NumberKind(0, open: true),
                s => s.Tick,
                (s, v) => s with { Tick = v },
                "Time of one training step."
            ),
            new SpecKey<GradientFlowSpec, Schedule?>(
                "step-size",
                new OptionalScheduleKind(new ScheduleKind(new NumberKind(0, open: true))),
                s => s.StepSize,
                (s, v) => s with { StepSize = v },
                "Of central, required there: the step size of the descent whose time average is followed; its steps are ticks of the same length."
            ),
            new SpecKey<GradientFlowSpec, double>(
                "critical",
                new NumberKind(0, 1, open: true),
                s => s.Critical,
                (s, v) => s with { Critical = v },
                "Of central: eigenvalues from this share of 2 / step-size on are held."
            )
            {
                OmitDefault = true,
            }
        );
}
