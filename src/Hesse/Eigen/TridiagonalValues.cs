using System.Numerics;

namespace Hesse.Eigen;

/// <summary>
/// Eigenvalues of a symmetric tridiagonal matrix by the root-free QL iteration of Pal, Walker and Kahan (Parlett, The
/// Symmetric Eigenvalue Problem, section 8.15): it works on squares of the off-diagonal and takes no square root in its loop.
/// </summary>
internal static unsafe class TridiagonalValues<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Replaces the diagonal (n) by the eigenvalues, unsorted; destroys the off-diagonal (n, the last unused).</summary>
    /// <returns>False where the limit of sweeps was reached.</returns>
    public static bool Iterate(T* diagonal, T* offDiagonal, int n, long sweepLimit)
    {
        long sweepsLeft = sweepLimit;
        for (int first = 0; first < n; )
        {
            int last = TridiagonalBlock<T>.End(diagonal, offDiagonal, first, n);
            if (last > first && !IterateBlock(diagonal, offDiagonal, first, last, ref sweepsLeft))
            {
                return false;
            }

            first = last + 1;
        }

        return true;
    }

    private static bool IterateBlock(T* diagonal, T* offDiagonal, int first, int last, ref long sweepsLeft)
    {
        T unscale = TridiagonalBlock<T>.Normalise(diagonal, offDiagonal, first, last);
        TridiagonalBlock<T>.PutSmallEndFirst(diagonal, offDiagonal, first, last);
        T* square = offDiagonal;
        for (int i = first; i < last; i++)
        {
            square[i] *= square[i];
        }

        square[last] = T.Zero;
        T relative = Precision<T>.Epsilon * Precision<T>.Epsilon;
        T absolute = relative * relative;
        for (int l = first; l <= last; )
        {
            int m = l;
            while (m < last && square[m] > T.FusedMultiplyAdd(relative, T.Abs(diagonal[m] * diagonal[m + 1]), absolute))
            {
                m++;
            }

            square[m] = T.Zero;
            if (m == l)
            {
                l++;
            }
            else if (m == l + 1)
            {
                (diagonal[l], diagonal[m]) = TridiagonalBlock<T>.TwoByTwo(diagonal[l], T.Sqrt(square[l]), diagonal[m]);
                square[l] = T.Zero;
                l += 2;
            }
            else if (sweepsLeft-- == 0)
            {
                return false;
            }
            else
            {
                Sweep(diagonal, square, l, m);
            }
        }

        for (int i = first; i <= last; i++)
        {
            diagonal[i] *= unscale;
        }

        return true;
    }

    private static void Sweep(T* diagonal, T* square, int l, int m)
    {
        T root = T.Sqrt(square[l]);
        T half = (diagonal[l + 1] - diagonal[l]) / (root + root);
        T length = T.Sqrt(T.FusedMultiplyAdd(half, half, T.One));
        T shift = diagonal[l] - (root / (half + T.CopySign(length, half)));
        T cosine = T.One;
        T sine = T.Zero;
        T gamma = diagonal[m] - shift;
        T p = gamma * gamma;
        T safe = Precision<T>.SmallSquare;
        for (int i = m - 1; i >= l; i--)
        {
            T b = square[i];
            T r = p + b;
            // The first pass stores sine * r = 0 in square[m], which is zero already.
            square[i + 1] = sine * r;
            T oldCosine = cosine;
            T oldGamma = gamma;
            T alpha = diagonal[i];
            if (p > safe)
            {
                // gamma^2 / cosine as gamma^2 * (r / p): three independent divisions instead of two in a row, in the order in
                // which they are needed, because a core divides one after the other.
                sine = b / r;
                cosine = p / r;
                T inverse = r / p;
                gamma = T.FusedMultiplyAdd(cosine, alpha - shift, -(sine * oldGamma));
                p = gamma * gamma * inverse;
            }
            else
            {
                // r = 0 is a rotation of nothing: the identity.
                cosine = r == T.Zero ? T.One : p / r;
                sine = r == T.Zero ? T.Zero : b / r;
                gamma = T.FusedMultiplyAdd(cosine, alpha - shift, -(sine * oldGamma));
                p = cosine == T.Zero ? oldCosine * b : gamma * gamma / cosine;
            }

            diagonal[i + 1] = oldGamma + (alpha - gamma);
        }

        square[l] = sine * p;
        diagonal[l] = shift + gamma;
    }
}
