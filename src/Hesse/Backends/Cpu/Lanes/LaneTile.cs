using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// The register tile of <see cref="LaneContraction{V,T}"/>: up to 5 x 5 accumulators, each a register of lanes, filled by one
/// chain of fused multiply-adds in ascending k. Do not split the chain, reorder k or add partial sums: a replica's bits hang
/// on it. What must not change for speed: accumulators are separate locals (an array would live in memory), every tile row and
/// column has its own base pointer and all share two running offsets, so that the loop is loads, multiply-adds and three adds;
/// what follows a sum (bias, slope, update) acts on the accumulator before it is stored, so that no array is swept once more.
/// </summary>
internal static unsafe class LaneTile<V, T, TRows, TColumns, TFinish>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TRows : struct, IExtent
    where TColumns : struct, IExtent
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
                V c00 = V.Zero,
                    c01 = V.Zero,
                    c02 = V.Zero,
                    c03 = V.Zero,
                    c04 = V.Zero;
                V c10 = V.Zero,
                    c11 = V.Zero,
                    c12 = V.Zero,
                    c13 = V.Zero,
                    c14 = V.Zero;
                V c20 = V.Zero,
                    c21 = V.Zero,
                    c22 = V.Zero,
                    c23 = V.Zero,
                    c24 = V.Zero;
                V c30 = V.Zero,
                    c31 = V.Zero,
                    c32 = V.Zero,
                    c33 = V.Zero,
                    c34 = V.Zero;
                V c40 = V.Zero,
                    c41 = V.Zero,
                    c42 = V.Zero,
                    c43 = V.Zero,
                    c44 = V.Zero;
                if (arguments.Continues)
                {
                    c00 = V.Load(c);
                    if (TColumns.Value > 1)
                    {
                        c01 = V.Load(c + cColumn);
                    }
                    if (TColumns.Value > 2)
                    {
                        c02 = V.Load(c + (2 * cColumn));
                    }
                    if (TColumns.Value > 3)
                    {
                        c03 = V.Load(c + (3 * cColumn));
                    }
                    if (TColumns.Value > 4)
                    {
                        c04 = V.Load(c + (4 * cColumn));
                    }
                    if (TRows.Value > 1)
                    {
                        c10 = V.Load(c + cRow);
                    }
                    if (TRows.Value > 1 && TColumns.Value > 1)
                    {
                        c11 = V.Load(c + cRow + cColumn);
                    }
                    if (TRows.Value > 1 && TColumns.Value > 2)
                    {
                        c12 = V.Load(c + cRow + (2 * cColumn));
                    }
                    if (TRows.Value > 1 && TColumns.Value > 3)
                    {
                        c13 = V.Load(c + cRow + (3 * cColumn));
                    }
                    if (TRows.Value > 1 && TColumns.Value > 4)
                    {
                        c14 = V.Load(c + cRow + (4 * cColumn));
                    }
                    if (TRows.Value > 2)
                    {
                        c20 = V.Load(c + (2 * cRow));
                    }
                    if (TRows.Value > 2 && TColumns.Value > 1)
                    {
                        c21 = V.Load(c + (2 * cRow) + cColumn);
                    }
                    if (TRows.Value > 2 && TColumns.Value > 2)
                    {
                        c22 = V.Load(c + (2 * cRow) + (2 * cColumn));
                    }
                    if (TRows.Value > 2 && TColumns.Value > 3)
                    {
                        c23 = V.Load(c + (2 * cRow) + (3 * cColumn));
                    }
                    if (TRows.Value > 2 && TColumns.Value > 4)
                    {
                        c24 = V.Load(c + (2 * cRow) + (4 * cColumn));
                    }
                    if (TRows.Value > 3)
                    {
                        c30 = V.Load(c + (3 * cRow));
                    }
                    if (TRows.Value > 3 && TColumns.Value > 1)
                    {
                        c31 = V.Load(c + (3 * cRow) + cColumn);
                    }
                    if (TRows.Value > 3 && TColumns.Value > 2)
                    {
                        c32 = V.Load(c + (3 * cRow) + (2 * cColumn));
                    }
                    if (TRows.Value > 3 && TColumns.Value > 3)
                    {
                        c33 = V.Load(c + (3 * cRow) + (3 * cColumn));
                    }
                    if (TRows.Value > 3 && TColumns.Value > 4)
                    {
                        c34 = V.Load(c + (3 * cRow) + (4 * cColumn));
                    }
                    if (TRows.Value > 4)
                    {
                        c40 = V.Load(c + (4 * cRow));
                    }
                    if (TRows.Value > 4 && TColumns.Value > 1)
                    {
                        c41 = V.Load(c + (4 * cRow) + cColumn);
                    }
                    if (TRows.Value > 4 && TColumns.Value > 2)
                    {
                        c42 = V.Load(c + (4 * cRow) + (2 * cColumn));
                    }
                    if (TRows.Value > 4 && TColumns.Value > 3)
                    {
                        c43 = V.Load(c + (4 * cRow) + (3 * cColumn));
                    }
                    if (TRows.Value > 4 && TColumns.Value > 4)
                    {
                        c44 = V.Load(c + (4 * cRow) + (4 * cColumn));
                    }
                }

                T* b1 = b + (1 * bColumn);
                T* b2 = b + (2 * bColumn);
                T* b3 = b + (3 * bColumn);
                T* b4 = b + (4 * bColumn);
                nint aOffset = 0;
                nint bOffset = 0;
                // As compiled for AVX2 and 2 x 5 (DOTNET_JitDisasm="*LaneTile*:Run"): 7 loads, 10 multiply-adds, 5 of offsets and loop:
                // 22 instructions in 5 cycles of multiply-adds, no spill, no bounds check. Accumulate, not FusedMultiplyAdd: of a sum that goes
                // through a new register the compiler overwrites a factor and copies, six instructions more.
                for (int k = arguments.Depth; k > 0; k--)
                {
                    V y0 = V.Load(b + bOffset);
                    V y1 = TColumns.Value > 1 ? V.Load(b1 + bOffset) : default;
                    V y2 = TColumns.Value > 2 ? V.Load(b2 + bOffset) : default;
                    V y3 = TColumns.Value > 3 ? V.Load(b3 + bOffset) : default;
                    V y4 = TColumns.Value > 4 ? V.Load(b4 + bOffset) : default;
                    V x = V.Load(a + aOffset);
                    V.Accumulate(ref c00, x, y0);
                    if (TColumns.Value > 1)
                    {
                        V.Accumulate(ref c01, x, y1);
                    }
                    if (TColumns.Value > 2)
                    {
                        V.Accumulate(ref c02, x, y2);
                    }
                    if (TColumns.Value > 3)
                    {
                        V.Accumulate(ref c03, x, y3);
                    }
                    if (TColumns.Value > 4)
                    {
                        V.Accumulate(ref c04, x, y4);
                    }
                    if (TRows.Value > 1)
                    {
                        x = V.Load(a1 + aOffset);
                        V.Accumulate(ref c10, x, y0);
                        if (TColumns.Value > 1)
                        {
                            V.Accumulate(ref c11, x, y1);
                        }
                        if (TColumns.Value > 2)
                        {
                            V.Accumulate(ref c12, x, y2);
                        }
                        if (TColumns.Value > 3)
                        {
                            V.Accumulate(ref c13, x, y3);
                        }
                        if (TColumns.Value > 4)
                        {
                            V.Accumulate(ref c14, x, y4);
                        }
                    }
                    if (TRows.Value > 2)
                    {
                        x = V.Load(a2 + aOffset);
                        V.Accumulate(ref c20, x, y0);
                        if (TColumns.Value > 1)
                        {
                            V.Accumulate(ref c21, x, y1);
                        }
                        if (TColumns.Value > 2)
                        {
                            V.Accumulate(ref c22, x, y2);
                        }
                        if (TColumns.Value > 3)
                        {
                            V.Accumulate(ref c23, x, y3);
                        }
                        if (TColumns.Value > 4)
                        {
                            V.Accumulate(ref c24, x, y4);
                        }
                    }
                    if (TRows.Value > 3)
                    {
                        x = V.Load(a3 + aOffset);
                        V.Accumulate(ref c30, x, y0);
                        if (TColumns.Value > 1)
                        {
                            V.Accumulate(ref c31, x, y1);
                        }
                        if (TColumns.Value > 2)
                        {
                            V.Accumulate(ref c32, x, y2);
                        }
                        if (TColumns.Value > 3)
                        {
                            V.Accumulate(ref c33, x, y3);
                        }
                        if (TColumns.Value > 4)
                        {
                            V.Accumulate(ref c34, x, y4);
                        }
                    }
                    if (TRows.Value > 4)
                    {
                        x = V.Load(a4 + aOffset);
                        V.Accumulate(ref c40, x, y0);
                        if (TColumns.Value > 1)
                        {
                            V.Accumulate(ref c41, x, y1);
                        }
                        if (TColumns.Value > 2)
                        {
                            V.Accumulate(ref c42, x, y2);
                        }
                        if (TColumns.Value > 3)
                        {
                            V.Accumulate(ref c43, x, y3);
                        }
                        if (TColumns.Value > 4)
                        {
                            V.Accumulate(ref c44, x, y4);
                        }
                    }

                    aOffset += aStep;
                    bOffset += bStep;
                }

                // One register for all: the stores might overwrite what it was loaded from.
                V scale = TFinish.InPlace ? V.Load(arguments.Scale) : default;
                Store(c00, c, side, scale);
                if (TColumns.Value > 1)
                {
                    Store(c01, c + cColumn, side + sideColumn, scale);
                }
                if (TColumns.Value > 2)
                {
                    Store(c02, c + (2 * cColumn), side + (2 * sideColumn), scale);
                }
                if (TColumns.Value > 3)
                {
                    Store(c03, c + (3 * cColumn), side + (3 * sideColumn), scale);
                }
                if (TColumns.Value > 4)
                {
                    Store(c04, c + (4 * cColumn), side + (4 * sideColumn), scale);
                }
                if (TRows.Value > 1)
                {
                    Store(c10, c + cRow, side + sideRow, scale);
                }
                if (TRows.Value > 1 && TColumns.Value > 1)
                {
                    Store(c11, c + cRow + cColumn, side + sideRow + sideColumn, scale);
                }
                if (TRows.Value > 1 && TColumns.Value > 2)
                {
                    Store(c12, c + cRow + (2 * cColumn), side + sideRow + (2 * sideColumn), scale);
                }
                if (TRows.Value > 1 && TColumns.Value > 3)
                {
                    Store(c13, c + cRow + (3 * cColumn), side + sideRow + (3 * sideColumn), scale);
                }
                if (TRows.Value > 1 && TColumns.Value > 4)
                {
                    Store(c14, c + cRow + (4 * cColumn), side + sideRow + (4 * sideColumn), scale);
                }
                if (TRows.Value > 2)
                {
                    Store(c20, c + (2 * cRow), side + (2 * sideRow), scale);
                }
                if (TRows.Value > 2 && TColumns.Value > 1)
                {
                    Store(c21, c + (2 * cRow) + cColumn, side + (2 * sideRow) + sideColumn, scale);
                }
                if (TRows.Value > 2 && TColumns.Value > 2)
                {
                    V.Store(
                        TFinish.Apply(c22, side + (2 * sideRow) + (2 * sideColumn), scale),
                        c + (2 * cRow) + (2 * cColumn)
                    );
                }
                if (TRows.Value > 2 && TColumns.Value > 3)
                {
                    V.Store(
                        TFinish.Apply(c23, side + (2 * sideRow) + (3 * sideColumn), scale),
                        c + (2 * cRow) + (3 * cColumn)
                    );
                }
                if (TRows.Value > 2 && TColumns.Value > 4)
                {
                    V.Store(
                        TFinish.Apply(c24, side + (2 * sideRow) + (4 * sideColumn), scale),
                        c + (2 * cRow) + (4 * cColumn)
                    );
                }
                if (TRows.Value > 3)
                {
                    Store(c30, c + (3 * cRow), side + (3 * sideRow), scale);
                }
                if (TRows.Value > 3 && TColumns.Value > 1)
                {
                    Store(c31, c + (3 * cRow) + cColumn, side + (3 * sideRow) + sideColumn, scale);
                }
                if (TRows.Value > 3 && TColumns.Value > 2)
                {
                    V.Store(
                        TFinish.Apply(c32, side + (3 * sideRow) + (2 * sideColumn), scale),
                        c + (3 * cRow) + (2 * cColumn)
                    );
                }
                if (TRows.Value > 3 && TColumns.Value > 3)
                {
                    V.Store(
                        TFinish.Apply(c33, side + (3 * sideRow) + (3 * sideColumn), scale),
                        c + (3 * cRow) + (3 * cColumn)
                    );
                }
                if (TRows.Value > 3 && TColumns.Value > 4)
                {
                    V.Store(
                        TFinish.Apply(c34, side + (3 * sideRow) + (4 * sideColumn), scale),
                        c + (3 * cRow) + (4 * cColumn)
                    );
                }
                if (TRows.Value > 4)
                {
                    Store(c40, c + (4 * cRow), side + (4 * sideRow), scale);
                }
                if (TRows.Value > 4 && TColumns.Value > 1)
                {
                    Store(c41, c + (4 * cRow) + cColumn, side + (4 * sideRow) + sideColumn, scale);
                }
                if (TRows.Value > 4 && TColumns.Value > 2)
                {
                    V.Store(
                        TFinish.Apply(c42, side + (4 * sideRow) + (2 * sideColumn), scale),
                        c + (4 * cRow) + (2 * cColumn)
                    );
                }
                if (TRows.Value > 4 && TColumns.Value > 3)
                {
                    V.Store(
                        TFinish.Apply(c43, side + (4 * sideRow) + (3 * sideColumn), scale),
                        c + (4 * cRow) + (3 * cColumn)
                    );
                }
                if (TRows.Value > 4 && TColumns.Value > 4)
                {
                    V.Store(
                        TFinish.Apply(c44, side + (4 * sideRow) + (4 * sideColumn), scale),
                        c + (4 * cRow) + (4 * cColumn)
                    );
                }

                b += TColumns.Value * bColumn;
                c += TColumns.Value * cColumn;
                side += TColumns.Value * sideColumn;
            }

            a += TRows.Value * aRow;
            cBegin += TRows.Value * cRow;
            sideBegin += TRows.Value * sideRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V sum, T* place, T* side, V scale) =>
        V.Store(TFinish.Apply(sum, TFinish.InPlace ? place : side, scale), place);
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
