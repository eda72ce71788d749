using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hesse.Eigen;

/// <summary>
/// What the root-free QL iteration decides between two sweeps: which couplings are negligible, which rows are swept next. A matrix alone
/// and a lane among several ask the same, so that their bits are the same.
/// </summary>
internal unsafe struct TridiagonalIteration<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T* _diagonal;
    private readonly T* _square; // of a block in work: the squares of the off-diagonal
    private readonly int _order;
    private readonly int _stride;
    private long _sweepsLeft;
    private int _end = -1; // the last row of the block in work
    private T _unscale = T.One;

    /// <summary>Begins.</summary>
    /// <param name="diagonal">(n), becomes the eigenvalues, unsorted.</param>
    /// <param name="offDiagonal">(n, the last unused), destroyed.</param>
    /// <param name="n">Order.</param>
    /// <param name="stride">Distance of the matrix's elements.</param>
    /// <param name="sweepLimit">Sweeps that the matrix may take.</param>
    public TridiagonalIteration(T* diagonal, T* offDiagonal, int n, int stride, long sweepLimit)
    {
        _diagonal = diagonal;
        _square = offDiagonal;
        _order = n;
        _stride = stride;
        _sweepsLeft = sweepLimit;
    }

    /// <summary>eps^2: a squared coupling e^2 between a and b is negligible where it is at most eps^2 |a b| + eps^4.</summary>
    public static T RelativeSquare => Precision<T>.Epsilon * Precision<T>.Epsilon;

    /// <summary>eps^4, beside the largest element of a block, which lies in [1, 2).</summary>
    public static T AbsoluteSquare => RelativeSquare * RelativeSquare;

    /// <summary>The first row of the next sweep.</summary>
    public int First { get; private set; }

    /// <summary>The last row of the next sweep.</summary>
    public int Last { get; private set; }

    /// <summary>False where the limit of sweeps was reached.</summary>
    public bool Converged { get; private set; } = true;

    /// <summary>Goes on to the next sweep.</summary>
    /// <param name="found">
    /// Where the sweep before has looked: the first row behind <see cref="First"/> whose coupling is negligible. 0 where it has not.
    /// </param>
    /// <returns>False where none is left, or none is allowed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Next(int found)
    {
        while (true)
        {
            if (First > _end)
            {
                if (!NextBlock())
                {
                    return false;
                }

                found = 0;
            }

            int m = NegligibleFrom(First, found);
            _square[(nint)m * _stride] = T.Zero;
            if (m == First)
            {
                Finish(1);
            }
            else if (m == First + 1)
            {
                T* a = _diagonal + ((nint)First * _stride);
                T* b = _square + ((nint)First * _stride);
                (a[0], a[_stride]) = TridiagonalBlock<T>.TwoByTwo(a[0], T.Sqrt(*b), a[_stride]);
                *b = T.Zero;
                Finish(2);
            }
            else if (_sweepsLeft-- == 0)
            {
                Converged = false;
                return false;
            }
            else
            {
                Last = m;
                return true;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly int NegligibleFrom(int row, int found)
    {
        if (found > row)
        {
            return IsNegligible(row) ? row : found;
        }

        while (row < _end && !IsNegligible(row))
        {
            row++;
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsNegligible(int row)
    {
        T* a = _diagonal + ((nint)row * _stride);
        T bound = T.FusedMultiplyAdd(RelativeSquare, T.Abs(a[0] * a[_stride]), AbsoluteSquare);
        // Where a coupling is not a number the sweeps end there.
        return !(_square[(nint)row * _stride] > bound);
    }

    // The next rows are eigenvalues, but for the block's scale.
    private void Finish(int rows)
    {
        for (int i = 0; i < rows; i++, First++)
        {
            _diagonal[(nint)First * _stride] *= _unscale;
        }
    }

    // The next block of more than a row, scaled, its small end first, couplings squared.
    private bool NextBlock()
    {
        for (; First < _order; First++)
        {
            _end = TridiagonalBlock<T>.End(_diagonal, _square, First, _order, _stride);
            if (_end == First)
            {
                continue;
            }

            _unscale = TridiagonalBlock<T>.Normalise(_diagonal, _square, First, _end, _stride);
            TridiagonalBlock<T>.PutSmallEndFirst(_diagonal, _square, First, _end, _stride);
            for (nint at = (nint)First * _stride; at < (nint)_end * _stride; at += _stride)
            {
                _square[at] *= _square[at];
            }

            _square[(nint)_end * _stride] = T.Zero;
            return true;
        }

        return false;
    }
}
