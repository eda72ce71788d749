using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// The register tile of <see cref="LaneContraction{V,T}"/>: up to 5 x 5 accumulators, each a register of lanes, filled by one
/// chain of fused multiply-adds in ascending k. Do not split the chain, reorder k or add partial sums: a replica's bits hang
/// on it. What must not change for speed: accumulators are separate locals (an array would live in memory), every tile row and
/// column has its own base pointer and all share two running offsets, so that the loop is loads, multiply-adds and two adds;
/// what follows a sum (bias, slope, update) acts on the accumulator before it is stored, so that no array is swept once more.
/// </summary>
internal static unsafe class LaneTile<V, T, TRows, TColumns, TFinish>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TRows : unmanaged, IExtent
    where TColumns : unmanaged, IExtent
    where TFinish : struct, ILaneFinish<V, T>
{
    /// <summary>
    /// c[m,n] = finish((continues ? c[m,n] : 0) + sum_k a[m,k] b[n,k]) for <paramref name="rowTiles"/> tiles of rows times
    /// <paramref name="tiles"/> tiles of columns; strides in elements of T.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        in LaneTileArguments<T> arguments,
        T* a,
        T* bBegin,
        T* cBegin,
        T* sideBegin,
        int rowTiles,
        int tiles
    )
    {
        nint aStep = arguments.AStep;
        nint bStep = arguments.BStep;
        nint aRow = arguments.ARow;
        nint bColumn = arguments.BColumn;
        nint cRow = arguments.CRow;
        nint cColumn = arguments.CColumn;
        nint sideRow = arguments.SideRow;
        nint sideColumn = arguments.SideColumn;
        // Offsets count up to 0, so that the addition itself tells the end of the loop; the bases stand at the ends of their sums. bStep is not 0.
        nint aStart = -arguments.Depth * aStep;
        nint bStart = -arguments.Depth * bStep;
        a -= aStart;
        bBegin -= bStart;
        for (; rowTiles > 0; rowTiles--)
        {
            T* a1 = a + (1 * aRow);
            T* a2 = a + (2 * aRow);
            T* a3 = a + (3 * aRow);
            T* a4 = a + (4 * aRow);
            T* b = bBegin;
            T* c = cBegin;
            T* side = sideBegin;
            for (int tile = tiles; tile > 0; tile--)
            {
                // +0 in every lane. Not V.Zero: 25 calls that the compiler would have to put in.
                V c00 = default,
                    c01 = default,
                    c02 = default,
                    c03 = default,
                    c04 = default;
                V c10 = default,
                    c11 = default,
                    c12 = default,
                    c13 = default,
                    c14 = default;
                V c20 = default,
                    c21 = default,
                    c22 = default,
                    c23 = default,
                    c24 = default;
                V c30 = default,
                    c31 = default,
                    c32 = default,
                    c33 = default,
                    c34 = default;
                V c40 = default,
                    c41 = default,
                    c42 = default,
                    c43 = default,
                    c44 = default;
                if (arguments.Continues)
                {
                    c00 = V.Load(c);
                    if (sizeof(TColumns) > 1)
                    {
                        c01 = V.Load(c + cColumn);
                    }
                    if (sizeof(TColumns) > 2)
                    {
                        c02 = V.Load(c + (2 * cColumn));
                    }
                    if (sizeof(TColumns) > 3)
                    {
                        c03 = V.Load(c + (3 * cColumn));
                    }
                    if (sizeof(TColumns) > 4)
                    {
                        c04 = V.Load(c + (4 * cColumn));
                    }
                    if (sizeof(TRows) > 1)
                    {
                        T* row = c + cRow;
                        c10 = V.Load(row);
                        if (sizeof(TColumns) > 1)
                        {
                            c11 = V.Load(row + cColumn);
                        }
                        if (sizeof(TColumns) > 2)
                        {
                            c12 = V.Load(row + (2 * cColumn));
                        }
                        if (sizeof(TColumns) > 3)
                        {
                            c13 = V.Load(row + (3 * cColumn));
                        }
                        if (sizeof(TColumns) > 4)
                        {
                            c14 = V.Load(row + (4 * cColumn));
                        }
                    }
                    if (sizeof(TRows) > 2)
                    {
                        T* row = c + (2 * cRow);
                        c20 = V.Load(row);
                        if (sizeof(TColumns) > 1)
                        {
                            c21 = V.Load(row + cColumn);
                        }
                        if (sizeof(TColumns) > 2)
                        {
                            c22 = V.Load(row + (2 * cColumn));
                        }
                        if (sizeof(TColumns) > 3)
                        {
                            c23 = V.Load(row + (3 * cColumn));
                        }
                        if (sizeof(TColumns) > 4)
                        {
                            c24 = V.Load(row + (4 * cColumn));
                        }
                    }
                    if (sizeof(TRows) > 3)
                    {
                        T* row = c + (3 * cRow);
                        c30 = V.Load(row);
                        if (sizeof(TColumns) > 1)
                        {
                            c31 = V.Load(row + cColumn);
                        }
                        if (sizeof(TColumns) > 2)
                        {
                            c32 = V.Load(row + (2 * cColumn));
                        }
                        if (sizeof(TColumns) > 3)
                        {
                            c33 = V.Load(row + (3 * cColumn));
                        }
                        if (sizeof(TColumns) > 4)
                        {
                            c34 = V.Load(row + (4 * cColumn));
                        }
                    }
                    if (sizeof(TRows) > 4)
                    {
                        T* row = c + (4 * cRow);
                        c40 = V.Load(row);
                        if (sizeof(TColumns) > 1)
                        {
                            c41 = V.Load(row + cColumn);
                        }
                        if (sizeof(TColumns) > 2)
                        {
                            c42 = V.Load(row + (2 * cColumn));
                        }
                        if (sizeof(TColumns) > 3)
                        {
                            c43 = V.Load(row + (3 * cColumn));
                        }
                        if (sizeof(TColumns) > 4)
                        {
                            c44 = V.Load(row + (4 * cColumn));
                        }
                    }
                }

                T* b1 = b + (1 * bColumn);
                T* b2 = b + (2 * bColumn);
                T* b3 = b + (3 * bColumn);
                T* b4 = b + (4 * bColumn);
                nint aOffset = aStart;
                nint bOffset = bStart;
                // As compiled for AVX2 and 2 x 5 (DOTNET_JitDisasm="*LaneTile*:Run"): 7 loads, 10 multiply-adds, 3 of offsets and loop:
                // 20 instructions in 5 cycles of multiply-adds, no spill, no bounds check. Accumulate, not FusedMultiplyAdd: of a sum that goes
                // through a new register the compiler overwrites a factor and copies, six instructions more.
                while (bOffset != 0)
                {
                    V y0 = V.Load(b + bOffset);
                    V y1 = sizeof(TColumns) > 1 ? V.Load(b1 + bOffset) : default;
                    V y2 = sizeof(TColumns) > 2 ? V.Load(b2 + bOffset) : default;
                    V y3 = sizeof(TColumns) > 3 ? V.Load(b3 + bOffset) : default;
                    V y4 = sizeof(TColumns) > 4 ? V.Load(b4 + bOffset) : default;
                    V x = V.Load(a + aOffset);
                    V.Accumulate(ref c00, x, y0);
                    if (sizeof(TColumns) > 1)
                    {
                        V.Accumulate(ref c01, x, y1);
                    }
                    if (sizeof(TColumns) > 2)
                    {
                        V.Accumulate(ref c02, x, y2);
                    }
                    if (sizeof(TColumns) > 3)
                    {
                        V.Accumulate(ref c03, x, y3);
                    }
                    if (sizeof(TColumns) > 4)
                    {
                        V.Accumulate(ref c04, x, y4);
                    }
                    if (sizeof(TRows) > 1)
                    {
                        x = V.Load(a1 + aOffset);
                        V.Accumulate(ref c10, x, y0);
                        if (sizeof(TColumns) > 1)
                        {
                            V.Accumulate(ref c11, x, y1);
                        }
                        if (sizeof(TColumns) > 2)
                        {
                            V.Accumulate(ref c12, x, y2);
                        }
                        if (sizeof(TColumns) > 3)
                        {
                            V.Accumulate(ref c13, x, y3);
                        }
                        if (sizeof(TColumns) > 4)
                        {
                            V.Accumulate(ref c14, x, y4);
                        }
                    }
                    if (sizeof(TRows) > 2)
                    {
                        x = V.Load(a2 + aOffset);
                        V.Accumulate(ref c20, x, y0);
                        if (sizeof(TColumns) > 1)
                        {
                            V.Accumulate(ref c21, x, y1);
                        }
                        if (sizeof(TColumns) > 2)
                        {
                            V.Accumulate(ref c22, x, y2);
                        }
                        if (sizeof(TColumns) > 3)
                        {
                            V.Accumulate(ref c23, x, y3);
                        }
                        if (sizeof(TColumns) > 4)
                        {
                            V.Accumulate(ref c24, x, y4);
                        }
                    }
                    if (sizeof(TRows) > 3)
                    {
                        x = V.Load(a3 + aOffset);
                        V.Accumulate(ref c30, x, y0);
                        if (sizeof(TColumns) > 1)
                        {
                            V.Accumulate(ref c31, x, y1);
                        }
                        if (sizeof(TColumns) > 2)
                        {
                            V.Accumulate(ref c32, x, y2);
                        }
                        if (sizeof(TColumns) > 3)
                        {
                            V.Accumulate(ref c33, x, y3);
                        }
                        if (sizeof(TColumns) > 4)
                        {
                            V.Accumulate(ref c34, x, y4);
                        }
                    }
                    if (sizeof(TRows) > 4)
                    {
                        x = V.Load(a4 + aOffset);
                        V.Accumulate(ref c40, x, y0);
                        if (sizeof(TColumns) > 1)
                        {
                            V.Accumulate(ref c41, x, y1);
                        }
                        if (sizeof(TColumns) > 2)
                        {
                            V.Accumulate(ref c42, x, y2);
                        }
                        if (sizeof(TColumns) > 3)
                        {
                            V.Accumulate(ref c43, x, y3);
                        }
                        if (sizeof(TColumns) > 4)
                        {
                            V.Accumulate(ref c44, x, y4);
                        }
                    }

                    aOffset += aStep;
                    bOffset += bStep;
                }

                // One register for all: the stores might overwrite what it was loaded from.
                V scale = TFinish.InPlace ? V.Load(arguments.Scale) : default;
                T* to = c;
                T* beside = side;
                Store(c00, to, beside, scale);
                if (sizeof(TColumns) > 1)
                {
                    to += cColumn;
                    beside += sideColumn;
                    Store(c01, to, beside, scale);
                }
                if (sizeof(TColumns) > 2)
                {
                    to += cColumn;
                    beside += sideColumn;
                    Store(c02, to, beside, scale);
                }
                if (sizeof(TColumns) > 3)
                {
                    to += cColumn;
                    beside += sideColumn;
                    Store(c03, to, beside, scale);
                }
                if (sizeof(TColumns) > 4)
                {
                    to += cColumn;
                    beside += sideColumn;
                    Store(c04, to, beside, scale);
                }
                if (sizeof(TRows) > 1)
                {
                    to = c + cRow;
                    beside = side + sideRow;
                    Store(c10, to, beside, scale);
                    if (sizeof(TColumns) > 1)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c11, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 2)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c12, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 3)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c13, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 4)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c14, to, beside, scale);
                    }
                }
                if (sizeof(TRows) > 2)
                {
                    to = c + (2 * cRow);
                    beside = side + (2 * sideRow);
                    Store(c20, to, beside, scale);
                    if (sizeof(TColumns) > 1)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c21, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 2)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c22, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 3)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c23, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 4)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c24, to, beside, scale);
                    }
                }
                if (sizeof(TRows) > 3)
                {
                    to = c + (3 * cRow);
                    beside = side + (3 * sideRow);
                    Store(c30, to, beside, scale);
                    if (sizeof(TColumns) > 1)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c31, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 2)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c32, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 3)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c33, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 4)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c34, to, beside, scale);
                    }
                }
                if (sizeof(TRows) > 4)
                {
                    to = c + (4 * cRow);
                    beside = side + (4 * sideRow);
                    Store(c40, to, beside, scale);
                    if (sizeof(TColumns) > 1)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c41, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 2)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c42, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 3)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c43, to, beside, scale);
                    }
                    if (sizeof(TColumns) > 4)
                    {
                        to += cColumn;
                        beside += sideColumn;
                        Store(c44, to, beside, scale);
                    }
                }

                b += sizeof(TColumns) * bColumn;
                c += sizeof(TColumns) * cColumn;
                side += sizeof(TColumns) * sideColumn;
            }

            a += sizeof(TRows) * aRow;
            cBegin += sizeof(TRows) * cRow;
            sideBegin += sizeof(TRows) * sideRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V sum, T* to, T* beside, V scale) =>
        V.Store(TFinish.Apply(sum, TFinish.InPlace ? to : beside, scale), to);
}

/// <summary>What all tiles of one contraction share. Strides in elements of T.</summary>
internal unsafe struct LaneTileArguments<T>
    where T : unmanaged
{
    public nint ARow;
    public nint AStep;
    public nint BColumn;
    public nint BStep;
    public nint CRow;
    public nint CColumn;
    public nint SideRow;
    public nint SideColumn;
    public T* Scale;
    public int Depth;
    public bool Continues;
}
