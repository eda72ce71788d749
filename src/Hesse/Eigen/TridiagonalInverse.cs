using System.Numerics.Tensors;

namespace Hesse.Eigen;

/// <summary>
/// Eigenvectors of a symmetric tridiagonal matrix T for known eigenvalues by inverse iteration: (T - lambda) x = z solved with a
/// partially pivoted factorisation, each z orthogonal to the vectors found before, so that equal and close eigenvalues get
/// orthogonal vectors (Jessup and Ipsen, SIAM J. Sci. Stat. Comput. 13, 1992; LAPACK's dstein orthogonalises within clusters only).
/// </summary>
internal sealed class TridiagonalInverse
{
    private const double Epsilon = 1.1102230246251565e-16;
    private const int MostSolves = 8;

    // Residuals below so many eps ||T||, or n eps ||T||, are those of the eigenvalue's own error.
    private const int LeastOrder = 16;

    private int _order;
    private double _norm;
    private double[] _diagonal = [];
    private double[] _beside = []; // element i couples i and i + 1; the last one is 0
    private double[] _pivots = []; // U: diagonal and the two above it
    private double[] _above = [];
    private double[] _farAbove = [];
    private double[] _multipliers = [];
    private bool[] _swapped = [];
    private double[] _vector = [];

    /// <summary>Takes the matrix.</summary>
    /// <param name="diagonal">(n)</param>
    /// <param name="beside">(n); the last is not read.</param>
    public void Load(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> beside)
    {
        _order = diagonal.Length;
        if (_diagonal.Length != _order)
        {
            _diagonal = new double[_order];
            _beside = new double[_order];
            _pivots = new double[_order];
            _above = new double[_order];
            _farAbove = new double[_order];
            _multipliers = new double[_order];
            _swapped = new bool[_order];
            _vector = new double[_order];
        }

        diagonal.CopyTo(_diagonal);
        beside.CopyTo(_beside);
        _beside[^1] = 0;
        _norm = 0;
        double before = 0;
        for (int i = 0; i < _order; i++)
        {
            _norm = Math.Max(_norm, before + Math.Abs(_diagonal[i]) + Math.Abs(_beside[i]));
            before = Math.Abs(_beside[i]);
        }
    }

    /// <summary>The unit vector of an eigenvalue.</summary>
    /// <param name="eigenvalue">lambda</param>
    /// <param name="number">Vectors found before.</param>
    /// <param name="rows">Row number is written, to its end; those before it are read. (number + 1, pitch)</param>
    /// <param name="pitch">Length of a row, n at least.</param>
    /// <returns>False where the iteration did not settle.</returns>
    public bool Vector(double eigenvalue, int number, Span<double> rows, int pitch)
    {
        Span<double> row = rows.Slice(number * pitch, pitch);
        row.Clear();
        Span<double> z = row[.._order];
        Begin(number, z);
        Factor(eigenvalue);
        double enough = Math.Max(LeastOrder, _order) * Epsilon * _norm;
        bool settled = false;
        for (int solve = 0; solve < MostSolves; solve++)
        {
            Solve(z);
            double length = KrylovBasis.Norm(z);
            if (!double.IsFinite(length) || length == 0)
            {
                return false;
            }

            Divide(z, length);
            for (int k = 0; k < number; k++)
            {
                ReadOnlySpan<double> other = rows.Slice(k * pitch, _order);
                double along = KrylovBasis.Dot(other, z);
                TensorPrimitives.FusedMultiplyAdd<double>(other, -along, z, z);
            }

            length = KrylovBasis.Norm(z);
            if (length == 0)
            {
                return false;
            }

            Divide(z, length);

            // One solve more than the residual asks for: it purges what the start vector left of neighbouring eigenvectors.
            bool small = Residual(eigenvalue, z) <= enough;
            if (small && settled)
            {
                return true;
            }

            settled = small;
        }

        return false;
    }

    private static void Divide(Span<double> z, double length) => TensorPrimitives.Divide<double>(z, length, z);

    // Numbers in [-1, 1) without pattern; a fixed sequence, since a result must not depend on what was computed before.
    private static void Begin(int number, Span<double> z)
    {
        ulong state = 0x9E3779B97F4A7C15UL * (ulong)(number + 1);
        foreach (ref double element in z)
        {
            state = (state * 6364136223846793005UL) + 1442695040888963407UL;
            element = (long)state * (1.0 / (1UL << 63));
        }
    }

    // P (T - lambda) = L U by rows; a vanishing pivot becomes eps ||T||, a change as small as the rounding of T.
    private void Factor(double eigenvalue)
    {
        double least = Epsilon * (_norm == 0 ? 1 : _norm);
        double pivot = _diagonal[0] - eigenvalue;
        double next = _beside[0];
        for (int i = 0; i < _order - 1; i++)
        {
            double below = _beside[i];
            double belowDiagonal = _diagonal[i + 1] - eigenvalue;
            double belowNext = _beside[i + 1];
            bool swap = Math.Abs(below) > Math.Abs(pivot);
            _swapped[i] = swap;
            if (swap)
            {
                double multiplier = pivot / below;
                (_pivots[i], _above[i], _farAbove[i], _multipliers[i]) = (below, belowDiagonal, belowNext, multiplier);
                pivot = Math.FusedMultiplyAdd(-multiplier, belowDiagonal, next);
                next = -multiplier * belowNext;
            }
            else
            {
                pivot = Math.Abs(pivot) < least ? Math.CopySign(least, pivot) : pivot;
                double multiplier = below / pivot;
                (_pivots[i], _above[i], _farAbove[i], _multipliers[i]) = (pivot, next, 0, multiplier);
                pivot = Math.FusedMultiplyAdd(-multiplier, next, belowDiagonal);
                next = belowNext;
            }

            _pivots[i] = Math.Abs(_pivots[i]) < least ? Math.CopySign(least, _pivots[i]) : _pivots[i];
        }

        _pivots[_order - 1] = Math.Abs(pivot) < least ? Math.CopySign(least, pivot) : pivot;
    }

    private void Solve(Span<double> z)
    {
        for (int i = 0; i < _order - 1; i++)
        {
            if (_swapped[i])
            {
                (z[i], z[i + 1]) = (z[i + 1], Math.FusedMultiplyAdd(-_multipliers[i], z[i + 1], z[i]));
            }
            else
            {
                z[i + 1] = Math.FusedMultiplyAdd(-_multipliers[i], z[i], z[i + 1]);
            }
        }

        double first = 0;
        double second = 0;
        for (int i = _order - 1; i >= 0; i--)
        {
            double right = i < _order - 1 ? Math.FusedMultiplyAdd(-_above[i], first, z[i]) : z[i];
            right = i < _order - 2 ? Math.FusedMultiplyAdd(-_farAbove[i], second, right) : right;
            z[i] = right / _pivots[i];
            second = first;
            first = z[i];
        }
    }

    // ||(T - lambda) z||
    private double Residual(double eigenvalue, ReadOnlySpan<double> z)
    {
        for (int i = 0; i < _order; i++)
        {
            double rest = (_diagonal[i] - eigenvalue) * z[i];
            rest = i > 0 ? Math.FusedMultiplyAdd(_beside[i - 1], z[i - 1], rest) : rest;
            _vector[i] = i < _order - 1 ? Math.FusedMultiplyAdd(_beside[i], z[i + 1], rest) : rest;
        }

        return KrylovBasis.Norm(_vector);
    }
}
