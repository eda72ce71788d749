namespace Hesse.Eigen;

/// <summary>A Krylov basis V with V^T A V, and the Ritz pairs of it that are wanted: those at the two ends.</summary>
internal sealed class Projection : IDisposable
{
    private readonly int _order;
    private readonly int _largest;
    private readonly int _smallest;
    private readonly KrylovBasis _basis;
    private readonly double[] _projected; // (Capacity, Capacity): V^T A V
    private readonly double[] _coefficients; // (Capacity)
    private readonly double[] _values; // wanted ones of the last Solve, largest first, then smallest
    private readonly double[] _vectors; // (wanted, count at Solve)
    private readonly SymmetricExtremes _extremes;
    private int _solved;
    private double _beside;

    /// <summary>An empty basis.</summary>
    public Projection(int order, int largest, int smallest, SpareVectors? spare)
    {
        _order = order;
        _largest = largest;
        _smallest = smallest;
        Capacity = Lanczos.Capacity(order, largest + smallest);
        _basis = new KrylovBasis(order, spare);
        _projected = new double[Capacity * Capacity];
        _coefficients = new double[Capacity];
        _values = new double[largest + smallest];
        _vectors = new double[(largest + smallest) * Capacity];
        _extremes = new SymmetricExtremes(Capacity);
    }

    /// <summary>Vectors at most.</summary>
    public int Capacity { get; }

    /// <summary>Vectors.</summary>
    public int Count => _basis.Count;

    /// <summary>The vector to be multiplied next.</summary>
    public ReadOnlySpan<double> Newest => _basis[_basis.Count - 1];

    /// <summary>Adds a start vector, orthogonal to what is there.</summary>
    /// <exception cref="ArgumentException">The start vectors do not lead out of the space that is spanned already.</exception>
    public void Start(StartVectors start, ref int starts, double[] scratch)
    {
        const int attempts = 8;
        for (int attempt = 0; attempt < attempts; attempt++)
        {
            start(starts++, scratch);
            double length = KrylovBasis.Norm(scratch);
            double norm = _basis.Orthogonalise(scratch, _coefficients.AsSpan(0, Count));

            // A vector of which next to nothing is new would be made of rounding.
            if (norm > 1e-8 * length)
            {
                _basis.Add(scratch, norm);
                return;
            }
        }

        throw new ArgumentException("the start vectors are not independent");
    }

    /// <summary>Adds direction / norm.</summary>
    public void Add(ReadOnlySpan<double> direction, double norm) => _basis.Add(direction, norm);

    /// <summary>Takes the image of the newest vector into V^T A V and leaves what is orthogonal to the basis.</summary>
    /// <returns>The length of that.</returns>
    public double Absorb(Span<double> image)
    {
        int count = Count;
        double norm = _basis.Orthogonalise(image, _coefficients.AsSpan(0, count));
        for (int i = 0; i < count; i++)
        {
            _projected[((count - 1) * Capacity) + i] = _coefficients[i];
            _projected[(i * Capacity) + count - 1] = _coefficients[i];
        }

        return norm;
    }

    /// <summary>Wanted Ritz values and vectors of the present basis.</summary>
    /// <param name="beside">Length of what is left of the newest image.</param>
    public void Solve(double beside)
    {
        _solved = Count;
        _beside = beside;
        _extremes.Of(Projected(), _solved, _largest, _smallest, _values, _vectors);
    }

    /// <summary>The wanted Ritz values.</summary>
    public double[] Wanted() => [.. _values];

    /// <summary>Whether the residuals of all wanted pairs are small.</summary>
    public bool AllConverged(double tolerance, double rounding) =>
        Enumerable.Range(0, _largest + _smallest).All(i => HasConverged(i, tolerance, rounding));

    /// <summary>Keeps the wanted Ritz vectors and some beside them, which speed up what follows.</summary>
    public void Restart()
    {
        int spare = (Capacity - _largest - _smallest) / 3;
        int top = _largest > 0 ? _largest + spare : 0;
        int bottom = _smallest > 0 ? Math.Min(_smallest + spare, _solved - top - 1) : 0;
        int kept = top + bottom;
        double[] values = new double[kept];
        double[] combinations = new double[kept * _solved];
        _extremes.Of(Projected(), _solved, top, bottom, values, combinations);
        Array.Clear(_projected);
        for (int i = 0; i < kept; i++)
        {
            _projected[(i * Capacity) + i] = values[i];
        }

        _basis.Rotate(combinations, kept);
    }

    /// <summary>The wanted pairs of the last <see cref="Solve"/>, the i-th vector from i stride on.</summary>
    public void Write(
        double tolerance,
        double rounding,
        Span<double> values,
        Span<double> residuals,
        Span<double> vectors,
        int stride,
        Span<bool> converged
    )
    {
        for (int i = 0; i < _largest + _smallest; i++)
        {
            values[i] = _values[i];
            residuals[i] = Residual(i);
            converged[i] = HasConverged(i, tolerance, rounding);
            _basis.Combine(_vectors.AsSpan(i * _solved, _solved), vectors.Slice(i * stride, _order));
        }
    }

    public void Dispose()
    {
        _extremes.Dispose();
        _basis.Dispose();
    }

    // V^T A V. (Count, Count)
    private double[] Projected()
    {
        double[] matrix = new double[Count * Count];
        for (int row = 0; row < Count; row++)
        {
            _projected.AsSpan(row * Capacity, Count).CopyTo(matrix.AsSpan(row * Count));
        }

        return matrix;
    }

    // ||A u - theta u|| = beta |last component of the Ritz vector|
    private double Residual(int wanted) => _beside * Math.Abs(_vectors[(wanted * _solved) + _solved - 1]);

    private bool HasConverged(int wanted, double tolerance, double rounding) =>
        Residual(wanted) <= Math.Max(tolerance * Math.Abs(_values[wanted]), rounding);
}
