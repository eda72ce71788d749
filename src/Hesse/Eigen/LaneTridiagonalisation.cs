using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Householder tridiagonalisation of a register's worth of small matrices, a matrix a lane. Rows are reduced from the last to the
/// first; H_i = I - u u^T / h acts on elements 0..i-1. One pass over the triangle both subtracts the last reflector's
/// v w^T + w v^T and multiplies by the new one, so an element is read and written once a row: 4 multiply-adds for 1.5 loads
/// and 1.5 stores, where separate passes would wait for the second-level cache. Every sum is a lane's own, in an order fixed by n.
/// </summary>
internal static unsafe class LaneTridiagonalisation<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Reduces the matrices; their elements are of order one at most.</summary>
    /// <param name="n">Order.</param>
    /// <param name="triangle">(n (n+1) / 2, lanes): row i, column j at most i, at i (i+1) / 2 + j. Destroyed.</param>
    /// <param name="diagonal">(n, lanes), filled.</param>
    /// <param name="square">(n, lanes): squares of the off-diagonal, filled; the last is 0.</param>
    /// <param name="vectors">(3 n, lanes), scratch.</param>
    public static void Reduce(int n, T* triangle, T* diagonal, T* square, T* vectors)
    {
        int length = n * V.Count;
        T* v = vectors;
        T* w = v + length;
        T* u = w + length;
        new Span<T>(vectors, 2 * length).Clear();
        V.Store(V.Zero, square + ((n - 1) * V.Count));
        for (int i = n - 1; i > 0; i--)
        {
            T* row = Row(triangle, i);
            V sigma = Update(row, i, v, w);
            V.Store(V.Load(row + (i * V.Count)), diagonal + (i * V.Count));
            V inverse = Reflector(row, i, sigma, u, square + ((i - 1) * V.Count));
            // The product A u takes the places of the diagonal that are still to come.
            Pass(triangle, i, v, w, u, diagonal);
            // Not times the square of 1/h, which may overflow.
            V k = V.Multiply(V.Multiply(V.Multiply(Dot(diagonal, u, i), inverse), inverse), Half);
            for (int j = 0; j < i; j++)
            {
                V p = V.Multiply(V.Load(diagonal + (j * V.Count)), inverse);
                V uj = V.Load(u + (j * V.Count));
                V.Store(V.FusedMultiplyAdd(V.Subtract(V.Zero, k), uj, p), w + (j * V.Count));
            }

            T* old = v;
            v = u;
            u = old;
        }

        // The last reflector was the identity: row 1 has nothing to reduce.
        V.Store(V.Load(triangle), diagonal);
    }

    /// <summary>Where row i begins.</summary>
    public static T* Row(T* triangle, int i) => triangle + ((long)i * (i + 1) / 2 * V.Count);

    private static V Half => V.Broadcast(T.CreateChecked(0.5));

    // Applies the last reflector to row i and returns sum over k < i-1 of its squares.
    private static V Update(T* row, int i, T* v, T* w)
    {
        V minusV = V.Subtract(V.Zero, V.Load(v + (i * V.Count)));
        V minusW = V.Subtract(V.Zero, V.Load(w + (i * V.Count)));
        V even = V.Zero;
        V odd = V.Zero;
        for (int k = 0; k <= i; k++)
        {
            V a = V.Load(row + (k * V.Count));
            a = V.FusedMultiplyAdd(minusV, V.Load(w + (k * V.Count)), a);
            a = V.FusedMultiplyAdd(minusW, V.Load(v + (k * V.Count)), a);
            V.Store(a, row + (k * V.Count));
            if (k < i - 1)
            {
                // Two chains hide some of each other's latency.
                (even, odd) = (odd, V.FusedMultiplyAdd(a, a, even));
            }
        }

        return V.Add(even, odd);
    }

    // u and 1/h of the reflector that leaves row i only its element i-1; the square of that.
    private static V Reflector(T* row, int i, V sigma, T* u, T* square)
    {
        V last = V.Load(row + ((i - 1) * V.Count));
        // What is left of the row is far below the rounding of the matrix: it counts as zero, and the reflector as the identity.
        V reduced = V.GreaterThan(V.Broadcast(Precision<T>.SmallSquare), sigma);
        V norm = V.SquareRoot(V.FusedMultiplyAdd(last, last, sigma));
        V head = V.Add(last, V.CopySign(norm, last));
        V h = V.Multiply(norm, V.Absolute(head));
        for (int k = 0; k < i - 1; k++)
        {
            V.Store(V.Select(reduced, V.Zero, V.Load(row + (k * V.Count))), u + (k * V.Count));
        }

        V.Store(V.Select(reduced, V.Zero, head), u + ((i - 1) * V.Count));
        V e = V.Select(reduced, last, norm);
        V.Store(V.Multiply(e, e), square);
        return V.Select(reduced, V.Zero, V.Divide(V.Broadcast(T.One), V.Select(reduced, V.Broadcast(T.One), h)));
    }

    // A = A - v w^T - w v^T and y = A u on rows and columns 0..i-1, two rows at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pass(T* triangle, int i, T* v, T* w, T* u, T* y)
    {
        int row = 0;
        for (; row + 2 <= i; row += 2)
        {
            T* a0 = Row(triangle, row);
            T* a1 = Row(triangle, row + 1);
            T* at = y + (row * V.Count);
            V u0 = V.Load(u + (row * V.Count));
            V u1 = V.Load(u + ((row + 1) * V.Count));
            V v0 = V.Subtract(V.Zero, V.Load(v + (row * V.Count)));
            V v1 = V.Subtract(V.Zero, V.Load(v + ((row + 1) * V.Count)));
            V w0 = V.Subtract(V.Zero, V.Load(w + (row * V.Count)));
            V w1 = V.Subtract(V.Zero, V.Load(w + ((row + 1) * V.Count)));
            V y0 = V.Zero;
            V y1 = V.Zero;
            nint end = row * V.Count;
            for (nint k = 0; k != end; k += V.Count)
            {
                // Eight constants and sums, four operands of this column and two elements: 14 registers of AVX2's 16. As compiled: 6 loads, 3
                // stores, 8 multiply-adds, a copy and a spilled row pointer; a third row would spill its constants.
                V vk = V.Load(v + k);
                V wk = V.Load(w + k);
                V uk = V.Load(u + k);
                V x0 = V.FusedMultiplyAdd(w0, vk, V.FusedMultiplyAdd(v0, wk, V.Load(a0 + k)));
                V x1 = V.FusedMultiplyAdd(w1, vk, V.FusedMultiplyAdd(v1, wk, V.Load(a1 + k)));
                V.Store(x0, a0 + k);
                V.Store(x1, a1 + k);
                y0 = V.FusedMultiplyAdd(x0, uk, y0);
                y1 = V.FusedMultiplyAdd(x1, uk, y1);
                V.Store(V.FusedMultiplyAdd(x1, u1, V.FusedMultiplyAdd(x0, u0, V.Load(y + k))), y + k);
            }

            V next0 = V.Load(v + end);
            V next1 = V.Load(w + end);
            V d0 = V.FusedMultiplyAdd(w0, next0, V.FusedMultiplyAdd(v0, next1, V.Load(a0 + end)));
            V below = V.FusedMultiplyAdd(w1, next0, V.FusedMultiplyAdd(v1, next1, V.Load(a1 + end)));
            next0 = V.Load(v + end + V.Count);
            next1 = V.Load(w + end + V.Count);
            V d1 = V.FusedMultiplyAdd(w1, next0, V.FusedMultiplyAdd(v1, next1, V.Load(a1 + end + V.Count)));
            V.Store(d0, a0 + end);
            V.Store(below, a1 + end);
            V.Store(d1, a1 + end + V.Count);
            V.Store(V.FusedMultiplyAdd(below, u1, V.FusedMultiplyAdd(d0, u0, y0)), at);
            V.Store(V.FusedMultiplyAdd(d1, u1, V.FusedMultiplyAdd(below, u0, y1)), at + V.Count);
        }

        if (row < i)
        {
            LastRow(Row(triangle, row), row, v, w, u, y);
        }
    }

    private static void LastRow(T* a, int row, T* v, T* w, T* u, T* y)
    {
        nint end = row * V.Count;
        V own = V.Load(u + end);
        V minusV = V.Subtract(V.Zero, V.Load(v + end));
        V minusW = V.Subtract(V.Zero, V.Load(w + end));
        V sum = V.Zero;
        for (nint k = 0; k <= end; k += V.Count)
        {
            V x = V.FusedMultiplyAdd(minusV, V.Load(w + k), V.Load(a + k));
            x = V.FusedMultiplyAdd(minusW, V.Load(v + k), x);
            V.Store(x, a + k);
            sum = V.FusedMultiplyAdd(x, V.Load(u + k), sum);
            if (k < end)
            {
                V.Store(V.FusedMultiplyAdd(x, own, V.Load(y + k)), y + k);
            }
        }

        V.Store(sum, y + end);
    }

    private static V Dot(T* left, T* right, int length)
    {
        V even = V.Zero;
        V odd = V.Zero;
        for (int k = 0; k < length; k++)
        {
            V sum = V.FusedMultiplyAdd(V.Load(left + (k * V.Count)), V.Load(right + (k * V.Count)), even);
            (even, odd) = (odd, sum);
        }

        return V.Add(even, odd);
    }
}
