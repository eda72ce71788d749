namespace Hesse.Specs;

/// <summary>Generated samples whose targets are numbers. One record a kind, beside its keys; the formulas are in Data/.</summary>
public abstract record RegressionDataSpec : DataSpec
{
    /// <summary>Whether every replica draws its own set.</summary>
    public bool PerReplica { get; init; }

    /// <summary>N, number of test samples, d and C.</summary>
    internal abstract (int Samples, int TestSamples, int Dimension, int Outputs) Shape { get; }

    /// <summary>The key that every kind with random numbers has.</summary>
    internal static SpecKey<T> PerReplicaKey<T>()
        where T : RegressionDataSpec =>
        new SpecKey<T, bool>(
            "per-replica",
            new BooleanKind(),
            s => s.PerReplica,
            (s, v) => (T)((RegressionDataSpec)s with { PerReplica = v }),
            "Whether every replica draws its own data set."
        );

    /// <summary>A whole number.</summary>
    internal static SpecKey<T> Whole<T>(
        string name,
        int least,
        Func<T, int> get,
        Func<T, int, T> set,
        string description
    ) => new SpecKey<T, int>(name, new IntegerKind<int>(least, int.MaxValue), get, set, description);
}
