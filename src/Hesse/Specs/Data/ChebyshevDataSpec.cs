namespace Hesse.Specs;

/// <summary>x on an even grid of [-1, 1], y = T_degree(x).</summary>
public sealed record ChebyshevDataSpec : RegressionDataSpec
{
    /// <summary>Degree of the polynomial.</summary>
    public int Degree { get; init; } = 4;

    /// <summary>N</summary>
    public int Points { get; init; } = 20;

    internal override (int Samples, int TestSamples, int Dimension, int Outputs) Shape => (Points, 0, 1, 1);

    internal static Variant<DataSpec> Keys() =>
        new Variant<DataSpec, ChebyshevDataSpec>(
            "chebyshev",
            "One input on an even grid of [-1, 1]; the target is the Chebyshev polynomial of first kind there. No random numbers.",
            new ChebyshevDataSpec(),
            Whole<ChebyshevDataSpec>(
                "degree",
                0,
                s => s.Degree,
                (s, v) => s with { Degree = v },
                "Degree of the polynomial."
            ),
            Whole<ChebyshevDataSpec>(
                "points",
                1,
                s => s.Points,
                (s, v) => s with { Points = v },
                "Number of training samples."
            )
        );
}
