namespace Hesse.Specs;

/// <summary>The update rules: one line a rule, and the keys that several of them have.</summary>
internal static class OptimizerKinds
{
    public static Union<OptimizerSpec> All { get; } =
        new(
            SgdSpec.Keys(),
            MomentumSpec.Keys(),
            NesterovSpec.Keys(),
            AdamSpec.Keys(),
            AdamWSpec.Keys(),
            RmsPropSpec.Keys(),
            AdagradSpec.Keys(),
            MassSpec.Keys(),
            PnmSpec.Keys(),
            AdaPnmSpec.Keys(),
            SignSgdSpec.Keys(),
            AdaptiveSgdSpec.Keys(),
            PreconditionedSgdSpec.Keys(),
            SgdPartialHessianSpec.Keys(),
            GradientFlowSpec.Keys()
        );

    /// <summary>
    /// What replicas of one wave have in common: the rule with 0 for each of its numbers. Equal where rules make the same operations.
    /// </summary>
    public static OptimizerSpec WithoutNumbers(OptimizerSpec optimizer) => All.WithoutNumbers(optimizer);

    /// <summary>Stands in a prototype where a required key's value will be.</summary>
    public static Schedule Missing => new(0);

    /// <summary>A rule with its own keys; rescale-weights, which every rule has, is added here.</summary>
    public static Variant<OptimizerSpec> Rule<T>(
        string name,
        string description,
        T prototype,
        params ReadOnlySpan<SpecKey<T>> keys
    )
        where T : OptimizerSpec =>
        new Variant<OptimizerSpec, T>(
            name,
            description,
            prototype,
            [
                .. keys,
                new SpecKey<T, bool>(
                    "rescale-weights",
                    new BooleanKind(),
                    s => s.RescaleWeights,
                    (s, v) => (T)((OptimizerSpec)s with { RescaleWeights = v }),
                    "Whether every weight matrix is scaled to unit Frobenius norm after each update."
                )
                {
                    OmitDefault = true,
                },
            ]
        );

    /// <summary>A number that may follow a schedule.</summary>
    public static SpecKey<T> Number<T>(
        string name,
        NumberKind range,
        Func<T, Schedule> get,
        Func<T, Schedule, T> set,
        string description,
        bool required = false
    ) => new SpecKey<T, Schedule>(name, new ScheduleKind(range), get, set, description) { Required = required };

    public static SpecKey<T> StepSize<T>(Func<T, Schedule> get, Func<T, Schedule, T> set, bool required = true) =>
        Number("step-size", new NumberKind(0, open: true), get, set, "eta", required);

    public static SpecKey<T> WeightDecay<T>(Func<T, Schedule> get, Func<T, Schedule, T> set) =>
        Number(
            "weight-decay",
            new NumberKind(0),
            get,
            set,
            "Coefficient of theta added to the gradient; no part of the reported loss."
        );

    public static SpecKey<T> Momentum<T>(Func<T, Schedule> get, Func<T, Schedule, T> set, bool required = true) =>
        Number(
            "momentum",
            new NumberKind(0, 1),
            get,
            set,
            "mu, what stays of m from one update to the next.",
            required
        );

    /// <summary>The weight of the past in a running mean, in [0, 1).</summary>
    public static SpecKey<T> Decay<T>(
        string name,
        Func<T, Schedule> get,
        Func<T, Schedule, T> set,
        string description
    ) => Number(name, new NumberKind(0, 1, openMaximum: true), get, set, description);

    public static SpecKey<T> Epsilon<T>(Func<T, Schedule> get, Func<T, Schedule, T> set) =>
        Number("epsilon", new NumberKind(0), get, set, "Added to the root that divides the step.");
}
