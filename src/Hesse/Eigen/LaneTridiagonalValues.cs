using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Eigenvalues of up to two registers' worth of small symmetric tridiagonal matrices by the root-free QL iteration of
/// <see cref="TridiagonalValues{T}"/>, a matrix a lane. Every sweep runs from the last row up to the lane's own first row that is not
/// yet an eigenvalue. Couplings that vanish in the middle do not end a sweep: it passes them as rotations by nothing.
/// </summary>
internal static unsafe class LaneTridiagonalValues<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Replaces the diagonals by the eigenvalues, unsorted; destroys the squares.</summary>
    /// <param name="n">Order.</param>
    /// <param name="registers">1 or 2.</param>
    /// <param name="diagonal">(registers, n+1, lanes), of order one.</param>
    /// <param name="square">(registers, n+1, lanes): squares of the off-diagonal; element n - 1 is 0.</param>
    /// <param name="sweepLimit">Sweeps that a matrix may take.</param>
    /// <param name="converged">(registers, lanes), filled.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Iterate(int n, int registers, T* diagonal, T* square, int sweepLimit, Span<bool> converged)
    {
        int lanes = V.Count;
        int matrices = registers * lanes;
        int* first = stackalloc int[matrices];
        int* sweeps = stackalloc int[matrices];
        T* bounds = stackalloc T[LaneSweep<V, T>.BoundRows * matrices];
        for (int k = 0; k < matrices; k++)
        {
            nint own = LaneSweep<V, T>.Lane(n, k);
            PutSmallEndFirst(n, diagonal + own, square + own);
            converged[k] = true;
            first[k] = 0;
            sweeps[k] = 0;
        }

        while (true)
        {
            int least = n - 1;
            for (int k = 0; k < matrices; k++)
            {
                nint own = LaneSweep<V, T>.Lane(n, k);
                int l = Deflate(n, first[k], diagonal + own, square + own);
                if (l < n - 1 && sweeps[k]++ == sweepLimit)
                {
                    converged[k] = false;
                    l = n - 1;
                }

                first[k] = l;
                least = Math.Min(least, l);
                LaneSweep<V, T>.Ask(LaneSweep<V, T>.BoundsOf(bounds, k), diagonal + own, square + own, l, n - 1);
            }

            if (least == n - 1)
            {
                return;
            }

            LaneSweep<V, T>.Run(registers, n, n - 2, least, diagonal, square, bounds);
            for (int k = 0; k < matrices; k++)
            {
                if (first[k] < n - 1)
                {
                    nint own = LaneSweep<V, T>.Lane(n, k);
                    _ = LaneSweep<V, T>.Answer(
                        LaneSweep<V, T>.BoundsOf(bounds, k),
                        diagonal + own,
                        square + own,
                        first[k]
                    );
                }
            }
        }
    }

    // The next l whose coupling is not negligible, beside its neighbours or beside the rounding of the whole matrix: sweeps pass
    // large elements too, so smaller couplings than that would be noise, and might never vanish.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Deflate(int n, int l, T* diagonal, T* square)
    {
        T relative = Precision<T>.Epsilon * Precision<T>.Epsilon;
        while (l < n - 1)
        {
            T product = T.Abs(diagonal[l * V.Count] * diagonal[(l + 1) * V.Count]);
            // Where the coupling is not a number the sweeps go on to their limit.
            if (!(square[l * V.Count] <= T.FusedMultiplyAdd(relative, product, relative)))
            {
                break;
            }

            l++;
        }

        return l;
    }

    // QL converges fast when small elements lead.
    private static void PutSmallEndFirst(int n, T* diagonal, T* square)
    {
        if (T.Abs(diagonal[(n - 1) * V.Count]) >= T.Abs(diagonal[0]))
        {
            return;
        }

        TridiagonalBlock<T>.Reverse(diagonal, n, V.Count);
        TridiagonalBlock<T>.Reverse(square, n - 1, V.Count);
    }
}
