namespace Hesse.Eigen;

/// <summary>image = A v with a symmetric matrix A.</summary>
public delegate void SymmetricProduct(ReadOnlySpan<double> vector, Span<double> image);

/// <summary>Writes the start vector of this number: 0 first, further ones when a Krylov space is exhausted.</summary>
public delegate void StartVectors(int number, Span<double> vector);

/// <summary>
/// Extreme eigenpairs of a symmetric matrix that is only multiplied with vectors: Lanczos with full reorthogonalisation (twice),
/// grown to a fixed number of vectors and then restarted from the best Ritz vectors (thick restart; Wu and Simon, SIAM J. Matrix
/// Anal. Appl. 22, 2000). The projected matrix V^T A V is taken from the orthogonalisation, so restarts need no special case.
/// When the Krylov space is exhausted (A V lies in V) a fresh vector orthogonal to it goes on, until one more such block changes
/// nothing: so eigenvalues that occur several times are found as often. Without exhaustion one copy of each is seen.
/// </summary>
public static class Lanczos
{
    /// <summary>Vectors that are kept at most, beside their images.</summary>
    /// <param name="order">n</param>
    /// <param name="wanted">Eigenpairs that are asked for.</param>
    public static int Capacity(int order, int wanted) => Math.Min(order, (2 * wanted) + 40);

    /// <summary>The algebraically largest eigenvalues, descending, then the smallest, ascending, with unit vectors.</summary>
    /// <param name="order">n</param>
    /// <param name="largest">How many of the largest.</param>
    /// <param name="smallest">How many of the smallest; together at most n.</param>
    /// <param name="tolerance">A pair has converged when ||A u - theta u|| is at most tolerance |theta|.</param>
    /// <param name="product">Multiplies with A.</param>
    /// <param name="start">Start vectors.</param>
    /// <param name="values">theta. (largest + smallest)</param>
    /// <param name="residuals">||A u - theta u||. (largest + smallest)</param>
    /// <param name="vectors">u. (largest + smallest, n)</param>
    /// <param name="converged">Whether each pair has converged. (largest + smallest)</param>
    /// <returns>Number of products; all results are NaN, and nothing converged, where a product is not finite.</returns>
    public static int Extremes(
        int order,
        int largest,
        int smallest,
        double tolerance,
        SymmetricProduct product,
        StartVectors start,
        Span<double> values,
        Span<double> residuals,
        Span<double> vectors,
        Span<bool> converged
    )
    {
        ArgumentNullException.ThrowIfNull(product);
        ArgumentNullException.ThrowIfNull(start);
        using LanczosRun run = new(order, largest, smallest, tolerance, start);
        while (!run.Finished)
        {
            product(run.Newest, run.Image);
            run.Take();
        }

        run.Write(values, residuals, vectors, order, converged);
        return run.Products;
    }

    /// <summary>
    /// Lanczos' tridiagonal matrix T = V^T A V with full reorthogonalisation (twice); stops early where the Krylov space is exhausted.
    /// </summary>
    /// <param name="start">v_1, of any length but 0.</param>
    /// <param name="product">Multiplies with A.</param>
    /// <param name="diagonal">alpha; its length is the number of steps wanted, and at most n are made.</param>
    /// <param name="beside">beta: element i couples i and i + 1; the last one is what is left. As long as the diagonal.</param>
    /// <returns>The number of steps made.</returns>
    public static int Tridiagonalise(
        ReadOnlySpan<double> start,
        SymmetricProduct product,
        Span<double> diagonal,
        Span<double> beside
    ) => Tridiagonalise(start, product, diagonal, beside, spare: null);

    internal static int Tridiagonalise(
        ReadOnlySpan<double> start,
        SymmetricProduct product,
        Span<double> diagonal,
        Span<double> beside,
        SpareVectors? spare
    )
    {
        ArgumentNullException.ThrowIfNull(product);
        int order = start.Length;
        using KrylovBasis basis = new(order, spare);
        basis.Add(start, KrylovBasis.Norm(start));
        double[] image = spare?.Take(order) ?? new double[order];
        double scale = 0;
        double[] coefficients = new double[diagonal.Length];
        int step = 0;
        while (true)
        {
            product(basis[step], image);
            scale = Math.Max(scale, KrylovBasis.Norm(image));
            double norm = basis.Orthogonalise(image, coefficients.AsSpan(0, step + 1));
            diagonal[step] = coefficients[step];
            bool exhausted = norm <= LanczosRun.Exhausted * scale;
            beside[step++] = exhausted ? 0 : norm;
            if (exhausted || step == diagonal.Length || step == order || !double.IsFinite(norm))
            {
                spare?.Give(image);
                return step;
            }

            basis.Add(image, norm);
        }
    }
}
