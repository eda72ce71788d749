using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Eigenvalues of a register's worth of symmetric tridiagonal matrices by the root-free QL iteration of
/// <see cref="TridiagonalValues{T}"/>, a matrix a lane. Every sweep runs from the last row up to the lane's own first row that is not
/// yet an eigenvalue; above it the lane only watches, so what its neighbours still need does not show in its bits. Couplings that
/// vanish in the middle do not end a sweep: it passes them as rotations by nothing.
/// </summary>
internal static unsafe class LaneTridiagonalValues<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Replaces the diagonals by the eigenvalues, unsorted; destroys the squares.</summary>
    /// <param name="n">Order.</param>
    /// <param name="diagonal">(n, lanes), of order one.</param>
    /// <param name="square">(n, lanes): squares of the off-diagonal; the last is 0.</param>
    /// <param name="sweepLimit">Sweeps that a matrix may take.</param>
    /// <param name="converged">(lanes), filled.</param>
    public static void Iterate(int n, T* diagonal, T* square, int sweepLimit, Span<bool> converged)
    {
        int lanes = V.Count;
        int* first = stackalloc int[lanes];
        int* sweeps = stackalloc int[lanes];
        T* corner = stackalloc T[4 * lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            PutSmallEndFirst(n, diagonal + lane, square + lane);
            converged[lane] = true;
            first[lane] = 0;
            sweeps[lane] = 0;
        }

        while (true)
        {
            int least = n - 1;
            for (int lane = 0; lane < lanes; lane++)
            {
                int l = Deflate(n, first[lane], diagonal + lane, square + lane);
                if (l < n - 1 && sweeps[lane]++ == sweepLimit)
                {
                    converged[lane] = false;
                    l = n - 1;
                }

                first[lane] = l;
                least = Math.Min(least, l);
                // A lane that has all its values takes part with harmless numbers.
                bool sweepsOn = l < n - 1;
                corner[lane] = sweepsOn ? diagonal[(l * lanes) + lane] : T.Zero;
                corner[lanes + lane] = sweepsOn ? diagonal[((l + 1) * lanes) + lane] : T.Zero;
                corner[(2 * lanes) + lane] = sweepsOn ? square[(l * lanes) + lane] : T.One;
                corner[(3 * lanes) + lane] = T.CreateTruncating(l);
            }

            if (least == n - 1)
            {
                return;
            }

            Sweep(n, least, diagonal, square, corner);
            for (int lane = 0; lane < lanes; lane++)
            {
                if (first[lane] < n - 1)
                {
                    diagonal[(first[lane] * lanes) + lane] = corner[lane];
                    square[(first[lane] * lanes) + lane] = corner[lanes + lane];
                }
            }
        }
    }

    // The next l whose coupling is not negligible, beside its neighbours or beside the rounding of the whole matrix: sweeps pass
    // large elements too, so smaller couplings than that would be noise, and might never vanish.
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

    /// <summary>One sweep with each lane's own shift. corner: d_l, d_{l+1}, e_l^2 and l in; the new d_l and e_l^2 out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sweep(int n, int least, T* diagonal, T* square, T* corner)
    {
        V one = V.Broadcast(T.One);
        V safe = V.Broadcast(Precision<T>.SmallSquare);
        V own = V.Load(corner);
        V root = V.SquareRoot(V.Load(corner + (2 * V.Count)));
        V half = V.Divide(V.Subtract(V.Load(corner + V.Count), own), V.Add(root, root));
        V length = V.SquareRoot(V.FusedMultiplyAdd(half, half, one));
        V shift = V.Subtract(own, V.Divide(root, V.Add(half, V.CopySign(length, half))));
        V first = V.Load(corner + (3 * V.Count));
        V cosine = one;
        V sine = V.Zero;
        V gamma = V.Subtract(V.Load(diagonal + ((n - 1) * V.Count)), shift);
        V p = V.Multiply(gamma, gamma);
        V row = V.Broadcast(T.CreateTruncating(n - 2));
        for (int i = n - 2; i >= least; i--)
        {
            T* d = diagonal + (i * V.Count);
            T* e = square + (i * V.Count);
            V done = V.GreaterThan(first, row);
            row = V.Subtract(row, one);
            V b = V.Load(e);
            V r = V.Add(p, b);
            V newSquare = V.Multiply(sine, r);
            V alpha = V.Load(d);
            // In the order in which they are needed: a core divides one after the other.
            V newSine = V.Divide(b, r);
            V newCosine = V.Divide(p, r);
            V inverse = V.Divide(r, p);
            V small = V.GreaterThan(safe, p);
            bool anySmall = V.Any(small);
            if (anySmall)
            {
                // r = 0 is a rotation of nothing: the identity.
                V nothing = V.Equal(r, V.Zero);
                newCosine = V.Select(nothing, one, newCosine);
                newSine = V.Select(nothing, V.Zero, newSine);
            }

            V newGamma = V.FusedMultiplyAdd(
                newCosine,
                V.Subtract(alpha, shift),
                V.Subtract(V.Zero, V.Multiply(newSine, gamma))
            );
            V gammaSquare = V.Multiply(newGamma, newGamma);
            // gamma^2 / cosine as gamma^2 * (r / p): three independent divisions instead of two in a row.
            V newP = V.Multiply(gammaSquare, inverse);
            if (anySmall)
            {
                V slow = V.Select(V.Equal(newCosine, V.Zero), V.Multiply(cosine, b), V.Divide(gammaSquare, newCosine));
                newP = V.Select(small, slow, newP);
            }

            V value = V.Add(gamma, V.Subtract(alpha, newGamma));
            V.Store(V.Select(done, V.Load(e + V.Count), newSquare), e + V.Count);
            V.Store(V.Select(done, V.Load(d + V.Count), value), d + V.Count);
            gamma = V.Select(done, gamma, newGamma);
            p = V.Select(done, p, newP);
            cosine = V.Select(done, cosine, newCosine);
            sine = V.Select(done, sine, newSine);
        }

        V.Store(V.Add(shift, gamma), corner);
        V.Store(V.Multiply(sine, p), corner + V.Count);
    }

    // QL converges fast when small elements lead.
    private static void PutSmallEndFirst(int n, T* diagonal, T* square)
    {
        if (T.Abs(diagonal[(n - 1) * V.Count]) >= T.Abs(diagonal[0]))
        {
            return;
        }

        Reverse(diagonal, n);
        Reverse(square, n - 1);
    }

    private static void Reverse(T* numbers, int count)
    {
        for (int i = 0; i < count / 2; i++)
        {
            int mirror = count - 1 - i;
            (numbers[i * V.Count], numbers[mirror * V.Count]) = (numbers[mirror * V.Count], numbers[i * V.Count]);
        }
    }
}
