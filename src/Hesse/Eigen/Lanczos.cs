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
    // What is left of A v beside the basis counts as rounding below this share of the largest ||A v||.
    private const double Exhausted = 1e-13;

    // An eigenvalue near 0 has no relative accuracy: its residual need not fall below this share of the largest ||A v||.
    private const double Rounding = 1e-14;

    private const int ProductsBetweenChecks = 10;
    private const int RestartsOfWork = 20;

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
        int wanted = largest + smallest;
        if (wanted < 1 || wanted > order)
        {
            throw new ArgumentException($"{wanted} eigenpairs of a matrix of order {order}");
        }

        using Projection projection = new(order, largest, smallest);
        int products = 0;
        int starts = 0;
        int notBefore = 0;
        double scale = 0;
        double[] image = new double[order];
        double[] known = []; // values at the last exhaustion
        bool finished = false;
        projection.Start(start, ref starts, image);
        while (!finished)
        {
            product(projection.Newest, image);
            products++;
            double norm = KrylovBasis.Norm(image);
            if (!double.IsFinite(norm))
            {
                values[..wanted].Fill(double.NaN);
                residuals[..wanted].Fill(double.NaN);
                vectors[..(wanted * order)].Fill(double.NaN);
                converged[..wanted].Clear();
                return products;
            }

            scale = Math.Max(scale, norm);
            double beside = projection.Absorb(image);
            bool exhausted = beside <= Exhausted * scale;
            beside = exhausted ? 0 : beside;
            bool full = projection.Count == projection.Capacity;
            if (projection.Count >= wanted && (exhausted || full || products % ProductsBetweenChecks == 0))
            {
                projection.Solve(beside);
                finished = projection.Count == order || products >= RestartsOfWork * projection.Capacity;
                if (exhausted)
                {
                    double[] now = projection.Wanted();
                    finished |= known.Length > 0 && Same(known, now, tolerance, Rounding * scale);
                    known = now;
                }
                else
                {
                    finished |= products >= notBefore && projection.AllConverged(tolerance, Rounding * scale);
                }

                if (full && !finished)
                {
                    projection.Restart();
                }
            }

            if (exhausted && !finished)
            {
                // What is new in a fresh block needs some steps to show.
                notBefore = products + ProductsBetweenChecks;
                projection.Start(start, ref starts, image);
            }
            else if (!finished)
            {
                projection.Add(image, beside);
            }
        }

        projection.Write(tolerance, Rounding * scale, values, residuals, vectors, converged);
        return products;
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
    )
    {
        ArgumentNullException.ThrowIfNull(product);
        int order = start.Length;
        KrylovBasis basis = new(order);
        basis.Add(start, KrylovBasis.Norm(start));
        double[] image = new double[order];
        double scale = 0;
        double[] coefficients = new double[diagonal.Length];
        int step = 0;
        while (true)
        {
            product(basis[step], image);
            scale = Math.Max(scale, KrylovBasis.Norm(image));
            double norm = basis.Orthogonalise(image, coefficients.AsSpan(0, step + 1));
            diagonal[step] = coefficients[step];
            bool exhausted = norm <= Exhausted * scale;
            beside[step++] = exhausted ? 0 : norm;
            if (exhausted || step == diagonal.Length || step == order || !double.IsFinite(norm))
            {
                return step;
            }

            basis.Add(image, norm);
        }
    }

    private static bool Same(double[] before, double[] now, double tolerance, double rounding)
    {
        for (int i = 0; i < now.Length; i++)
        {
            if (Math.Abs(before[i] - now[i]) > (tolerance * Math.Abs(now[i])) + rounding)
            {
                return false;
            }
        }

        return true;
    }
}
