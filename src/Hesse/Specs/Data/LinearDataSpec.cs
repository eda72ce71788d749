namespace Hesse.Specs;

/// <summary>X = sqrt(N) Q with orthonormal columns Q, Y = X A^T with normal A.</summary>
public sealed record LinearDataSpec : RegressionDataSpec
{
    /// <summary>d</summary>
    public int Dimension { get; init; } = 50;

    /// <summary>C</summary>
    public int Outputs { get; init; } = 50;

    /// <summary>N, at least d.</summary>
    public int Samples { get; init; } = 50;

    internal override (int Samples, int TestSamples, int Dimension, int Outputs) Shape =>
        (Samples, 0, Dimension, Outputs);

    internal static Variant<DataSpec> Keys() =>
        new Variant<DataSpec, LinearDataSpec>(
            "linear",
            "Whitened inputs, X^T X = samples I, and targets Y = X A^T with normal A.",
            new LinearDataSpec(),
            Whole<LinearDataSpec>(
                "dimension",
                1,
                s => s.Dimension,
                (s, v) => s with { Dimension = v },
                "Input dimension."
            ),
            Whole<LinearDataSpec>("outputs", 1, s => s.Outputs, (s, v) => s with { Outputs = v }, "Target columns."),
            Whole<LinearDataSpec>(
                "samples",
                1,
                s => s.Samples,
                (s, v) => s with { Samples = v },
                "Number of training samples, at least dimension."
            ),
            PerReplicaKey<LinearDataSpec>()
        );
}
