using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>What is the same for every register.</summary>
internal static class LaneSweeps
{
    /// <summary>
    /// Registers that are swept at a time: a step is a chain of a division and five operations, and two chains share their waits.
    /// </summary>
    public const int Registers = 2;
}

/// <summary>
/// Sweeps of the root-free QL iteration (<see cref="TridiagonalValues{T}"/>) over a register's worth of tridiagonal matrices, a matrix a
/// lane, or over two registers' worth in turns. Every lane has rows and a shift of its own and only watches at other rows, so what
/// its neighbours still need does not show in its bits, which are those of a matrix alone.
/// </summary>
internal static unsafe class LaneSweep<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Registers that the places of <see cref="Ask"/> take.</summary>
    public const int BoundRows = 7;

    /// <summary>Numbers that two registers of matrices take for each of diagonal and squares: a row more than the order.</summary>
    public static long Length(int n) => (n + 1L) * V.Count * LaneSweeps.Registers;

    /// <summary>Where the numbers of matrix k begin in (registers, n+1, lanes).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Lane(int n, int k) => ((nint)(k / V.Count) * (n + 1) * V.Count) + (k % V.Count);

    /// <summary>Where the places of matrix k begin in (registers, 7, lanes).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T* BoundsOf(T* bounds, int k) => bounds + (k / V.Count * BoundRows * V.Count) + (k % V.Count);

    /// <summary>
    /// Says what a lane is to do: rows last - 1 down to first, with the shift of its first two rows. A lane whose first row is not below
    /// its last only watches.
    /// </summary>
    /// <param name="bounds">(7, lanes) at the lane, filled: d_l, d_{l+1}, e_l^2, d_m, l - 1, m, and m again where the answer will be.</param>
    /// <param name="diagonal">(n+1, lanes) at the lane.</param>
    /// <param name="square">(n+1, lanes) at the lane.</param>
    /// <param name="first">l</param>
    /// <param name="last">m</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ask(T* bounds, T* diagonal, T* square, int first, int last)
    {
        bool sweeps = first < last;
        // A lane that has nothing to do takes part with harmless numbers.
        bounds[0] = sweeps ? diagonal[(nint)first * V.Count] : T.Zero;
        bounds[V.Count] = sweeps ? diagonal[(first + (nint)1) * V.Count] : T.Zero;
        bounds[2 * V.Count] = sweeps ? square[(nint)first * V.Count] : T.One;
        bounds[3 * V.Count] = sweeps ? diagonal[(nint)last * V.Count] : T.Zero;
        bounds[4 * V.Count] = T.CreateTruncating(first - 1);
        bounds[5 * V.Count] = T.CreateTruncating(last);
        bounds[6 * V.Count] = bounds[5 * V.Count];
    }

    /// <summary>Takes what the sweep left for the lane's first row.</summary>
    /// <returns>The first row behind it whose coupling with the next is negligible; the lane's last where there is none before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Answer(T* bounds, T* diagonal, T* square, int first)
    {
        diagonal[(nint)first * V.Count] = bounds[0];
        square[(nint)first * V.Count] = bounds[V.Count];
        return int.CreateTruncating(bounds[6 * V.Count]);
    }

    /// <summary>One sweep of all lanes.</summary>
    /// <param name="registers">1 or 2.</param>
    /// <param name="n">Order.</param>
    /// <param name="from">The largest row that a lane begins at, its last - 1.</param>
    /// <param name="to">The smallest first row of a lane.</param>
    /// <param name="diagonal">(registers, n+1, lanes)</param>
    /// <param name="square">(registers, n+1, lanes): squares of the off-diagonal; that of a lane's last row is 0.</param>
    /// <param name="bounds">(registers, 7, lanes) of <see cref="Ask"/>.</param>
    public static void Run(int registers, int n, int from, int to, T* diagonal, T* square, T* bounds)
    {
        if (registers == 1)
        {
            One(from, to, diagonal, square, bounds);
        }
        else
        {
            Two((n + (nint)1) * V.Count, from, to, diagonal, square, bounds);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(int from, int to, T* diagonal, T* square, T* bounds)
    {
        Limits limits = Limits.Get();
        Begin(bounds, out V gamma, out V p, out V minusSine);
        V row = V.Broadcast(T.CreateTruncating(from));
        for (int i = from; i >= to; i--)
        {
            nint at = (nint)i * V.Count;
            Step(diagonal + at, square + at, bounds, limits, row, ref gamma, ref p, ref minusSine);
            row = V.Subtract(row, V.Broadcast(T.One));
        }

        End(bounds, gamma, p, minusSine);
    }

    // The second register's numbers lie a distance behind the first's.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(nint distance, int from, int to, T* diagonal, T* square, T* bounds)
    {
        T* other = bounds + (BoundRows * V.Count);
        Limits limits = Limits.Get();
        Begin(bounds, out V gamma, out V p, out V minusSine);
        Begin(other, out V otherGamma, out V otherP, out V otherMinusSine);
        V row = V.Broadcast(T.CreateTruncating(from));
        for (int i = from; i >= to; i--)
        {
            T* d = diagonal + ((nint)i * V.Count);
            T* e = square + ((nint)i * V.Count);
            Step(d, e, bounds, limits, row, ref gamma, ref p, ref minusSine);
            Step(d + distance, e + distance, other, limits, row, ref otherGamma, ref otherP, ref otherMinusSine);
            row = V.Subtract(row, V.Broadcast(T.One));
        }

        End(bounds, gamma, p, minusSine);
        End(other, otherGamma, otherP, otherMinusSine);
    }

    // The shift of the lane's first two rows (Wilkinson's), and the rotation by nothing that comes before the first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Begin(T* bounds, out V gamma, out V p, out V minusSine)
    {
        V one = V.Broadcast(T.One);
        V own = V.Load(bounds);
        V root = V.SquareRoot(V.Load(bounds + (2 * V.Count)));
        V half = V.Divide(V.Subtract(V.Load(bounds + V.Count), own), V.Add(root, root));
        V length = V.SquareRoot(V.FusedMultiplyAdd(half, half, one));
        V shift = V.Subtract(own, V.Divide(root, V.Add(half, V.CopySign(length, half))));
        V.Store(shift, bounds);
        V.Store(one, bounds + V.Count);
        gamma = V.Subtract(V.Load(bounds + (3 * V.Count)), shift);
        p = V.Multiply(gamma, gamma);
        minusSine = V.Broadcast(T.NegativeZero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void End(T* bounds, V gamma, V p, V minusSine)
    {
        V.Store(V.Add(V.Load(bounds), gamma), bounds);
        V.Store(V.Multiply(V.Subtract(V.Zero, minusSine), p), bounds + V.Count);
    }

    // Row i: d and e^2 of row i + 1 become final. Two chains of this must live in 16 registers: shift, the last cosine (which is seldom
    // needed) and the lane's rows stay in bounds, and what is final is stored at once. What must not come back is a spill between r and
    // the new p, the chain that every row waits for: a division, a multiply-add, two products.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(T* d, T* e, T* bounds, Limits limits, V row, ref V gamma, ref V p, ref V minusSine)
    {
        V active = V.Select(
            V.GreaterThan(row, V.Load(bounds + (4 * V.Count))),
            V.GreaterThan(V.Load(bounds + (5 * V.Count)), row),
            V.Zero
        );
        T* lastCosine = bounds + V.Count;
        V b = V.Load(e);
        V r = V.Add(p, b);
        V minusR = V.Subtract(V.Zero, r);
        V.Store(V.Select(active, V.Multiply(minusSine, minusR), V.Load(e + V.Count)), e + V.Count);
        // In the order in which they are needed: a core divides one after the other. gamma^2 / cosine is taken as gamma^2 * (r / p):
        // three independent divisions instead of two in a row.
        V newMinusSine = V.Divide(b, minusR);
        V cosine = V.Divide(p, r);
        V inverse = V.Divide(r, p);
        V small = V.GreaterThan(limits.Safe, p);
        bool anySmall = V.Any(small);
        if (anySmall)
        {
            // r = 0 is a rotation of nothing: the identity.
            V nothing = V.Equal(r, V.Zero);
            cosine = V.Select(nothing, V.Broadcast(T.One), cosine);
            newMinusSine = V.Select(nothing, V.Broadcast(T.NegativeZero), newMinusSine);
        }

        V alpha = V.Load(d);
        V newGamma = V.FusedMultiplyAdd(cosine, V.Subtract(alpha, V.Load(bounds)), V.Multiply(newMinusSine, gamma));
        V newP = V.Multiply(V.Multiply(newGamma, newGamma), inverse);
        if (anySmall)
        {
            V slow = V.Select(
                V.Equal(cosine, V.Zero),
                V.Multiply(V.Load(lastCosine), V.Load(e)),
                V.Divide(V.Multiply(newGamma, newGamma), cosine)
            );
            newP = V.Select(small, slow, newP);
        }

        p = V.Select(active, newP, p);
        V value = V.Add(gamma, V.Subtract(alpha, newGamma));
        value = V.Select(active, value, V.Load(d + V.Count));
        V.Store(value, d + V.Count);
        gamma = V.Select(active, newGamma, gamma);
        minusSine = V.Select(active, newMinusSine, minusSine);
        V.Store(V.Select(active, cosine, V.Load(lastCosine)), lastCosine);
        // Rows i + 1 and i + 2 are final, so whether their coupling is negligible is known here, beside the chain.
        V bound = V.FusedMultiplyAdd(
            limits.Relative,
            V.Absolute(V.Multiply(value, V.Load(d + (2 * V.Count)))),
            limits.Absolute
        );
        V negligible = V.Select(V.GreaterThan(V.Load(e + V.Count), bound), V.Zero, active);
        if (V.Any(negligible))
        {
            T* found = bounds + (6 * V.Count);
            V.Store(V.Select(negligible, V.Add(row, V.Broadcast(T.One)), V.Load(found)), found);
        }
    }

    // Constants, outside of the loops: a call there would spill every register.
    private readonly record struct Limits(V Safe, V Relative, V Absolute)
    {
        public static Limits Get() =>
            new(
                V.Broadcast(Precision<T>.SmallSquare),
                V.Broadcast(TridiagonalIteration<T>.RelativeSquare),
                V.Broadcast(TridiagonalIteration<T>.AbsoluteSquare)
            );
    }
}
