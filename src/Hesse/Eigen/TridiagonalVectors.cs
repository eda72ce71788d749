using System.Numerics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Eigenvalues and vectors of a symmetric tridiagonal matrix by implicit QL with Wilkinson's shift (Golub and Van Loan, Matrix
/// Computations, section 8.3). The plane rotations act on rows of the transposed vector matrix and are applied in batches.
/// </summary>
internal static unsafe class TridiagonalVectors<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    /// <summary>
    /// Replaces the diagonal (n) by the eigenvalues, unsorted, and rotates the rows of vectors (n, pitch): where they held the
    /// columns of an orthogonal Q with A = Q T Q^T, row k then holds the eigenvector of A for eigenvalue k.
    /// </summary>
    /// <returns>False where the limit of sweeps was reached.</returns>
    public static bool Iterate(
        T* diagonal,
        T* offDiagonal,
        int n,
        long sweepLimit,
        T* vectors,
        nint pitch,
        RotationBatch<T> batch
    )
    {
        long sweepsLeft = sweepLimit;
        int columns = PackedTriangle<T, TVector>.RoundUp(n);
        bool converged = true;
        for (int first = 0; first < n && converged; )
        {
            int last = TridiagonalBlock<T>.End(diagonal, offDiagonal, first, n);
            if (last > first)
            {
                T unscale = TridiagonalBlock<T>.Normalise(diagonal, offDiagonal, first, last);
                bool reversed = TridiagonalBlock<T>.PutSmallEndFirst(diagonal, offDiagonal, first, last);
                converged = IterateBlock(diagonal, offDiagonal, first, last, reversed);
                Span<T> values = new(diagonal + first, last - first + 1);
                if (reversed)
                {
                    values.Reverse();
                }

                for (int i = 0; i < values.Length; i++)
                {
                    values[i] *= unscale;
                }
            }

            first = last + 1;
        }

        batch.Apply<TVector>(vectors, pitch, columns);
        return converged;

        bool IterateBlock(T* d, T* e, int first, int last, bool reversed)
        {
            T relative = Precision<T>.Epsilon * Precision<T>.Epsilon;
            T absolute = relative * relative;
            e[last] = T.Zero;
            for (int l = first; l <= last; )
            {
                int m = l;
                while (m < last && e[m] * e[m] > T.FusedMultiplyAdd(relative, T.Abs(d[m] * d[m + 1]), absolute))
                {
                    m++;
                }

                e[m] = T.Zero;
                if (m == l)
                {
                    l++;
                    continue;
                }

                if (sweepsLeft-- == 0)
                {
                    return false;
                }

                if (!batch.HasRoom(m - l))
                {
                    batch.Apply<TVector>(vectors, pitch, columns);
                }

                T* rotations = reversed ? batch.Add(first + last - m, m - l, 1) : batch.Add(m, m - l, -1);
                Sweep(d, e, l, m, rotations);
            }

            return true;
        }
    }

    // rotations: cosine and sine of each plane rotation, in the order of application.
    private static void Sweep(T* d, T* e, int l, int m, T* rotations)
    {
        T half = (d[l + 1] - d[l]) / (e[l] + e[l]);
        T length = T.Sqrt(T.FusedMultiplyAdd(half, half, T.One));
        T g = d[m] - d[l] + (e[l] / (half + T.CopySign(length, half)));
        T sine = T.One;
        T cosine = T.One;
        T p = T.Zero;
        for (int i = m - 1; i >= l; i--)
        {
            T f = sine * e[i];
            T b = cosine * e[i];
            T square = T.FusedMultiplyAdd(f, f, g * g);
            T r;
            if (f == T.Zero)
            {
                (cosine, sine, r) = (T.One, T.Zero, g);
            }
            else if (square > Precision<T>.SmallSquare)
            {
                r = T.Sqrt(square);
                // Two divisions at once end earlier than a reciprocal and a product in a row.
                (cosine, sine) = (g / r, f / r);
            }
            else
            {
                T largeF = f * Precision<T>.Enlarge;
                T largeG = g * Precision<T>.Enlarge;
                T root = T.Sqrt(T.FusedMultiplyAdd(largeF, largeF, largeG * largeG));
                (cosine, sine, r) = (largeG / root, largeF / root, root / Precision<T>.Enlarge);
            }

            // The first pass has no coupling above it to store: e[m] stays zero.
            e[i + 1] = i == m - 1 ? T.Zero : r;
            g = d[i + 1] - p;
            r = T.FusedMultiplyAdd(d[i] - g, sine, (cosine + cosine) * b);
            p = sine * r;
            d[i + 1] = g + p;
            g = T.FusedMultiplyAdd(cosine, r, -b);
            *rotations++ = cosine;
            *rotations++ = sine;
        }

        d[l] -= p;
        e[l] = g;
    }
}
