namespace Hesse.Eigen;

/// <summary>
/// The state of <see cref="Lanczos.Extremes"/> between two products: multiply <see cref="Newest"/> into <see cref="Image"/>, call
/// <see cref="Take"/>, until <see cref="Finished"/>.
/// </summary>
internal sealed class LanczosRun : IDisposable
{
    // What is left of A v beside the basis counts as rounding below this share of the largest ||A v||.
    public const double Exhausted = 1e-13;

    // An eigenvalue near 0 has no relative accuracy: its residual need not fall below this share of the largest ||A v||.
    private const double Rounding = 1e-14;

    private const int ProductsBetweenChecks = 5;

    // Products after which what is new in a fresh block has had time to show.
    private const int ProductsOfABlock = 10;
    private const int RestartsOfWork = 20;

    private readonly int _order;
    private readonly int _wanted;
    private readonly double _tolerance;
    private readonly StartVectors _start;
    private readonly Projection _projection;
    private readonly SpareVectors? _spare;
    private readonly double[] _image;
    private double[] _known = []; // values at the last exhaustion
    private int _starts;
    private int _notBefore;
    private double _scale;
    private bool _failed;

    /// <summary>At its first product.</summary>
    /// <param name="order">n</param>
    /// <param name="largest">How many of the largest.</param>
    /// <param name="smallest">How many of the smallest; together at most n.</param>
    /// <param name="tolerance">A pair has converged when ||A u - theta u|| is at most tolerance |theta|.</param>
    /// <param name="start">Start vectors.</param>
    /// <param name="spare">Where the basis comes from and goes to; null for the collector.</param>
    public LanczosRun(
        int order,
        int largest,
        int smallest,
        double tolerance,
        StartVectors start,
        SpareVectors? spare = null
    )
    {
        _wanted = largest + smallest;
        if (_wanted < 1 || _wanted > order)
        {
            throw new ArgumentException($"{_wanted} eigenpairs of a matrix of order {order}");
        }

        _order = order;
        _tolerance = tolerance;
        _start = start;
        _projection = new Projection(order, largest, smallest, spare);
        _spare = spare;
        _image = spare?.Take(order) ?? new double[order];
        _projection.Start(start, ref _starts, _image);
    }

    /// <summary>Whether nothing more is to be multiplied.</summary>
    public bool Finished { get; private set; }

    /// <summary>Products so far.</summary>
    public int Products { get; private set; }

    /// <summary>The vector to be multiplied. (n)</summary>
    public ReadOnlySpan<double> Newest => _projection.Newest;

    /// <summary>Its image, to be written before <see cref="Take"/>. (n)</summary>
    public Span<double> Image => _image;

    /// <summary>Takes the image and decides what is next.</summary>
    public void Take()
    {
        Products++;
        double norm = KrylovBasis.Norm(_image);
        if (!double.IsFinite(norm))
        {
            _failed = true;
            Finished = true;
            return;
        }

        _scale = Math.Max(_scale, norm);
        double beside = _projection.Absorb(_image);
        bool exhausted = beside <= Exhausted * _scale;
        beside = exhausted ? 0 : beside;
        bool full = _projection.Count == _projection.Capacity;
        if (_projection.Count >= _wanted && (exhausted || full || Products % ProductsBetweenChecks == 0))
        {
            Check(beside, exhausted, full);
        }

        if (exhausted && !Finished)
        {
            _notBefore = Products + ProductsOfABlock;
            _projection.Start(_start, ref _starts, _image);
        }
        else if (!Finished)
        {
            _projection.Add(_image, beside);
        }
    }

    /// <summary>The pairs; all NaN, and nothing converged, where a product was not finite.</summary>
    /// <param name="values">theta. (wanted)</param>
    /// <param name="residuals">||A u - theta u||. (wanted)</param>
    /// <param name="vectors">u, the i-th from i stride on.</param>
    /// <param name="stride">Numbers from one vector to the next.</param>
    /// <param name="converged">Whether each has converged. (wanted)</param>
    public void Write(
        Span<double> values,
        Span<double> residuals,
        Span<double> vectors,
        int stride,
        Span<bool> converged
    )
    {
        if (!_failed)
        {
            _projection.Write(_tolerance, Rounding * _scale, values, residuals, vectors, stride, converged);
            return;
        }

        values[.._wanted].Fill(double.NaN);
        residuals[.._wanted].Fill(double.NaN);
        converged[.._wanted].Clear();
        for (int i = 0; i < _wanted; i++)
        {
            vectors.Slice(i * stride, _order).Fill(double.NaN);
        }
    }

    public void Dispose()
    {
        _projection.Dispose();
        _spare?.Give(_image);
    }

    private void Check(double beside, bool exhausted, bool full)
    {
        _projection.Solve(beside);
        Finished = _projection.Count == _order || Products >= RestartsOfWork * _projection.Capacity;
        if (exhausted)
        {
            double[] now = _projection.Wanted();
            Finished |= _known.Length > 0 && Same(now);
            _known = now;
        }
        else
        {
            Finished |= Products >= _notBefore && _projection.AllConverged(_tolerance, Rounding * _scale);
        }

        if (full && !Finished)
        {
            _projection.Restart();
        }
    }

    private bool Same(double[] now)
    {
        for (int i = 0; i < now.Length; i++)
        {
            if (Math.Abs(_known[i] - now[i]) > (_tolerance * Math.Abs(now[i])) + (Rounding * _scale))
            {
                return false;
            }
        }

        return true;
    }
}
