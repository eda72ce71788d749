using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// The register tile of <see cref="Gemm{TVector,T}"/>: up to 6 rows x 2 registers of C, each element one chain of fused
/// multiply-adds in ascending k that starts from what C holds. Twelve chains hide the latency of the two multiply-add units;
/// with the two registers of B and the broadcast element of A they fill the 16 registers of AVX2. What must not change for speed:
/// accumulators are separate locals that Accumulate sums in place (a sum that is returned costs a copy each), and a row of A is
/// reached from one pointer by multiples of its stride, so that the loop on two registers is 24 instructions for 12 multiply-adds.
/// </summary>
internal static unsafe class GemmTile<TVector, T, TRows>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TRows : unmanaged, IExtent
{
    /// <summary>c[r,:] += sum_k a[r,k] b[k,:] over two registers of columns.</summary>
    /// <param name="depth">Number of k.</param>
    /// <param name="a">Element (0,0); the next row is <paramref name="aRow"/> further, the next k <paramref name="aStep"/>.</param>
    /// <param name="aRow">Elements between rows of A.</param>
    /// <param name="aStep">Elements between columns of A.</param>
    /// <param name="b">Element (0,0), unit stride along the columns.</param>
    /// <param name="bStep">Elements between rows of B.</param>
    /// <param name="c">Element (0,0), unit stride along the columns.</param>
    /// <param name="cRow">Elements between rows of C.</param>
    /// <param name="continues">Whether the chains start from C; otherwise from 0.</param>
    /// <param name="scale">Null, or s: instead of being stored, a sum updates C, c = c + s sum rounded once.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Two(
        nint depth,
        T* a,
        nint aRow,
        nint aStep,
        T* b,
        nint bStep,
        T* c,
        nint cRow,
        bool continues,
        T* scale
    )
    {
        TVector c00 = TVector.Zero,
            c01 = TVector.Zero,
            c10 = TVector.Zero,
            c11 = TVector.Zero,
            c20 = TVector.Zero,
            c21 = TVector.Zero,
            c30 = TVector.Zero,
            c31 = TVector.Zero,
            c40 = TVector.Zero,
            c41 = TVector.Zero,
            c50 = TVector.Zero,
            c51 = TVector.Zero;
        if (continues)
        {
            LoadRow(c, out c00, out c01);
            if (sizeof(TRows) > 1)
            {
                LoadRow(c + cRow, out c10, out c11);
            }

            if (sizeof(TRows) > 2)
            {
                LoadRow(c + (2 * cRow), out c20, out c21);
            }

            if (sizeof(TRows) > 3)
            {
                LoadRow(c + (3 * cRow), out c30, out c31);
            }

            if (sizeof(TRows) > 4)
            {
                LoadRow(c + (4 * cRow), out c40, out c41);
            }

            if (sizeof(TRows) > 5)
            {
                LoadRow(c + (5 * cRow), out c50, out c51);
            }
        }

        // One base pointer a row and one running offset: the loop body is loads, multiply-adds and three additions.
        T* a1 = a + aRow;
        T* a2 = a1 + aRow;
        T* a3 = a2 + aRow;
        T* a4 = a3 + aRow;
        T* a5 = a4 + aRow;
        nint end = depth * aStep;
        // As compiled for AVX2 (DOTNET_JitDisasm="*GemmTile*:Two"): 2 loads, 6 broadcasts, 12 multiply-adds, 4 of
        // addresses and loop: 24 instructions in 6 cycles of multiply-adds, no spill, no bounds check. A seventh row would spill.
        for (nint at = 0; at != end; at += aStep)
        {
            TVector b0 = TVector.Load(b);
            TVector b1 = TVector.Load(b + TVector.Count);
            b += bStep;
            TVector left = TVector.Broadcast(a[at]);
            TVector.Accumulate(ref c00, left, b0);
            TVector.Accumulate(ref c01, left, b1);
            if (sizeof(TRows) > 1)
            {
                left = TVector.Broadcast(a1[at]);
                TVector.Accumulate(ref c10, left, b0);
                TVector.Accumulate(ref c11, left, b1);
            }

            if (sizeof(TRows) > 2)
            {
                left = TVector.Broadcast(a2[at]);
                TVector.Accumulate(ref c20, left, b0);
                TVector.Accumulate(ref c21, left, b1);
            }

            if (sizeof(TRows) > 3)
            {
                left = TVector.Broadcast(a3[at]);
                TVector.Accumulate(ref c30, left, b0);
                TVector.Accumulate(ref c31, left, b1);
            }

            if (sizeof(TRows) > 4)
            {
                left = TVector.Broadcast(a4[at]);
                TVector.Accumulate(ref c40, left, b0);
                TVector.Accumulate(ref c41, left, b1);
            }

            if (sizeof(TRows) > 5)
            {
                left = TVector.Broadcast(a5[at]);
                TVector.Accumulate(ref c50, left, b0);
                TVector.Accumulate(ref c51, left, b1);
            }
        }

        StoreRow(c00, c01, c, scale);
        if (sizeof(TRows) > 1)
        {
            StoreRow(c10, c11, c + cRow, scale);
        }

        if (sizeof(TRows) > 2)
        {
            StoreRow(c20, c21, c + (2 * cRow), scale);
        }

        if (sizeof(TRows) > 3)
        {
            StoreRow(c30, c31, c + (3 * cRow), scale);
        }

        if (sizeof(TRows) > 4)
        {
            StoreRow(c40, c41, c + (4 * cRow), scale);
        }

        if (sizeof(TRows) > 5)
        {
            StoreRow(c50, c51, c + (5 * cRow), scale);
        }
    }

    /// <summary>The same over one register of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(
        nint depth,
        T* a,
        nint aRow,
        nint aStep,
        T* b,
        nint bStep,
        T* c,
        nint cRow,
        bool continues,
        T* scale
    )
    {
        TVector c0 = TVector.Zero,
            c1 = TVector.Zero,
            c2 = TVector.Zero,
            c3 = TVector.Zero,
            c4 = TVector.Zero,
            c5 = TVector.Zero;
        if (continues)
        {
            c0 = TVector.Load(c);
            c1 = sizeof(TRows) > 1 ? TVector.Load(c + cRow) : c1;
            c2 = sizeof(TRows) > 2 ? TVector.Load(c + (2 * cRow)) : c2;
            c3 = sizeof(TRows) > 3 ? TVector.Load(c + (3 * cRow)) : c3;
            c4 = sizeof(TRows) > 4 ? TVector.Load(c + (4 * cRow)) : c4;
            c5 = sizeof(TRows) > 5 ? TVector.Load(c + (5 * cRow)) : c5;
        }

        T* a1 = a + aRow;
        T* a2 = a1 + aRow;
        T* a3 = a2 + aRow;
        T* a4 = a3 + aRow;
        T* a5 = a4 + aRow;
        nint end = depth * aStep;
        for (nint at = 0; at != end; at += aStep)
        {
            TVector b0 = TVector.Load(b);
            b += bStep;
            c0 = TVector.FusedMultiplyAdd(TVector.Broadcast(a[at]), b0, c0);
            if (sizeof(TRows) > 1)
            {
                c1 = TVector.FusedMultiplyAdd(TVector.Broadcast(a1[at]), b0, c1);
            }

            if (sizeof(TRows) > 2)
            {
                c2 = TVector.FusedMultiplyAdd(TVector.Broadcast(a2[at]), b0, c2);
            }

            if (sizeof(TRows) > 3)
            {
                c3 = TVector.FusedMultiplyAdd(TVector.Broadcast(a3[at]), b0, c3);
            }

            if (sizeof(TRows) > 4)
            {
                c4 = TVector.FusedMultiplyAdd(TVector.Broadcast(a4[at]), b0, c4);
            }

            if (sizeof(TRows) > 5)
            {
                c5 = TVector.FusedMultiplyAdd(TVector.Broadcast(a5[at]), b0, c5);
            }
        }

        Store(c0, c, scale);
        if (sizeof(TRows) > 1)
        {
            Store(c1, c + cRow, scale);
        }

        if (sizeof(TRows) > 2)
        {
            Store(c2, c + (2 * cRow), scale);
        }

        if (sizeof(TRows) > 3)
        {
            Store(c3, c + (3 * cRow), scale);
        }

        if (sizeof(TRows) > 4)
        {
            Store(c4, c + (4 * cRow), scale);
        }

        if (sizeof(TRows) > 5)
        {
            Store(c5, c + (5 * cRow), scale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadRow(T* row, out TVector first, out TVector second)
    {
        first = TVector.Load(row);
        second = TVector.Load(row + TVector.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(TVector first, TVector second, T* row, T* scale)
    {
        Store(first, row, scale);
        Store(second, row + TVector.Count, scale);
    }

    // The branch is taken alike for a whole product: it costs nothing beside a tile.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector sum, T* place, T* scale) =>
        TVector.Store(
            scale is null ? sum : TVector.FusedMultiplyAdd(sum, TVector.Broadcast(*scale), TVector.Load(place)),
            place
        );
}
