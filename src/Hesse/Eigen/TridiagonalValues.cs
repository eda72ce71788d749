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
        TridiagonalIteration<T> iteration = new(diagonal, offDiagonal, n, 1, sweepLimit);
        while (iteration.Next(0))
        {
            Sweep(diagonal, offDiagonal, iteration.First, iteration.Last);
        }

        return iteration.Converged;
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
            if (!(safe > p))
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
