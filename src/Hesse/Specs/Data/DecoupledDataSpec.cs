namespace Hesse.Specs;

/// <summary>x = scale_i z e_i with a random coordinate i and z ~ N(0, d); y = &lt;w*, x&gt;.</summary>
public sealed record DecoupledDataSpec : RegressionDataSpec
{
    /// <summary>sigma_1 .. sigma_d</summary>
    public IReadOnlyList<double> Scales { get; init; } = [1, 0.03125];

    /// <summary>N</summary>
    public int Samples { get; init; } = 10_000;

    /// <summary>Number of test samples.</summary>
    public int TestSamples { get; init; }

    internal override (int Samples, int TestSamples, int Dimension, int Outputs) Shape =>
        (Samples, TestSamples, Scales.Count, 1);

    internal static Variant<DataSpec> Keys() =>
        new Variant<DataSpec, DecoupledDataSpec>(
            "decoupled",
            "Component-decoupled inputs: each sample lies on one random axis, at scale z with z ~ N(0, number of scales); the target is linear in the input.",
            new DecoupledDataSpec(),
            new SpecKey<DecoupledDataSpec, IReadOnlyList<double>>(
                "scales",
                new ListKind<double>(new NumberKind(0, open: true), 1),
                s => s.Scales,
                (s, v) => s with { Scales = v },
                "Root mean square of each coordinate; their number is the input dimension."
            ),
            Whole<DecoupledDataSpec>(
                "samples",
                1,
                s => s.Samples,
                (s, v) => s with { Samples = v },
                "Number of training samples."
            ),
            Whole<DecoupledDataSpec>(
                "test-samples",
                0,
                s => s.TestSamples,
                (s, v) => s with { TestSamples = v },
                "Number of test samples."
            ),
            PerReplicaKey<DecoupledDataSpec>()
        );
}
