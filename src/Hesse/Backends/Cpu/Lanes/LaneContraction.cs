using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>A matrix whose every element is a register of lanes; strides counted in registers.</summary>
internal readonly unsafe struct LaneMatrix<T>(T* pointer, int rowStride, int columnStride)
    where T : unmanaged
{
    public readonly T* Pointer = pointer;
    public readonly int RowStride = rowStride;
    public readonly int ColumnStride = columnStride;
}

/// <summary>
/// c[m,n] = (continues ? c[m,n] : 0) + sum_k a[m,k] b[n,k] on matrices of registers: forward (W, a), backward (W^T, delta) and
/// weight gradient (delta, a) are all this, with other strides. Each element is one chain of fused multiply-adds in ascending k,
/// whatever the tile and the blocking, and what follows it element by element is done before it is stored (<see cref="ILaneFinish{V,T}"/>).
/// </summary>
internal static unsafe class LaneContraction<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Registers of a and b that should stay in the first-level cache together: 640 x 32 bytes = 20 KB of 32 (AVX2),
    // 640 x 64 = 40 KB of 48 (AVX-512).
    private const int CacheRegisters = 640;

    // Longest piece of k worked on at once; longer sums continue from memory, same chain.
    private const int LongestDepth = 96;

    // rows x columns accumulators, a register for each column and one more must fit 16 architectural registers, 32 with AVX-512:
    // a 3 x 4 tile needs 17 and spills one in the inner loop.
    private static readonly (int Rows, int Columns)[] s_tiles =
        V.Count * Unsafe.SizeOf<T>() == 64 ? [(5, 5), (4, 5), (5, 4)] : [(4, 3), (2, 5), (5, 2)];

    // Choices of Best that were asked before: rows, columns and index of the tile in one number, so that it is read and written whole.
    private static readonly ulong[] s_choices = new ulong[256];

    /// <summary>Runs the contraction.</summary>
    /// <param name="a">rows x depth</param>
    /// <param name="b">columns x depth; neighbours in k do not share a place.</param>
    /// <param name="c">rows x columns</param>
    /// <param name="rows">m</param>
    /// <param name="columns">n</param>
    /// <param name="depth">k</param>
    /// <param name="continues">Whether the sums go on from what c holds.</param>
    public static void Run(
        LaneMatrix<T> a,
        LaneMatrix<T> b,
        LaneMatrix<T> c,
        int rows,
        int columns,
        int depth,
        bool continues
    ) => Run<LaneSum<V, T>>(a, b, c, rows, columns, depth, continues, default, null);

    /// <summary>Runs the contraction and finishes every sum.</summary>
    /// <param name="a">rows x depth</param>
    /// <param name="b">columns x depth; neighbours in k do not share a place.</param>
    /// <param name="c">rows x columns</param>
    /// <param name="rows">m</param>
    /// <param name="columns">n</param>
    /// <param name="depth">k</param>
    /// <param name="continues">Whether the sums go on from what c holds.</param>
    /// <param name="side">The finish's own matrix, rows x columns; a stride of 0 repeats.</param>
    /// <param name="scale">The finish's own register.</param>
    public static void Run<TFinish>(
        LaneMatrix<T> a,
        LaneMatrix<T> b,
        LaneMatrix<T> c,
        int rows,
        int columns,
        int depth,
        bool continues,
        LaneMatrix<T> side,
        T* scale
    )
        where TFinish : struct, ILaneFinish<V, T>
    {
        (int tileRows, int tileColumns) = Best(rows, columns);
        int lanes = V.Count;
        LaneTileArguments<T> arguments = new()
        {
            ARow = a.RowStride * lanes,
            AStep = a.ColumnStride * lanes,
            BColumn = b.RowStride * lanes,
            BStep = b.ColumnStride * lanes,
            CRow = c.RowStride * lanes,
            CColumn = c.ColumnStride * lanes,
            SideRow = side.RowStride * lanes,
            SideColumn = side.ColumnStride * lanes,
            Scale = scale,
        };
        (int rowTiles, int restRows) = Math.DivRem(rows, tileRows);
        for (int k = 0; k < depth || k == 0; k += LongestDepth)
        {
            arguments.Depth = Math.Min(LongestDepth, depth - k);
            arguments.Continues = continues || k > 0;
            // A sum that a later piece of k continues is not finished.
            bool last = k + LongestDepth >= depth;
            int block = BlockOf(columns, arguments.Depth, tileRows, tileColumns);
            for (int n = 0; n < columns; n += block)
            {
                (int tiles, int restColumns) = Math.DivRem(Math.Min(block, columns - n), tileColumns);
                for (int m = 0, height = tileRows, down = rowTiles; m < rows; m += height * down)
                {
                    // Whole tiles, then the rows that are left; of either first whole tiles, then the columns that are left.
                    if (down == 0 || m > 0)
                    {
                        (height, down) = (restRows, 1);
                    }

                    T* aTile = a.Pointer + (m * arguments.ARow) + (k * arguments.AStep);
                    T* bTile = b.Pointer + (n * arguments.BColumn) + (k * arguments.BStep);
                    T* cTile = c.Pointer + (m * arguments.CRow) + (n * arguments.CColumn);
                    T* sideTile = side.Pointer + (m * arguments.SideRow) + (n * arguments.SideColumn);
                    if (tiles > 0)
                    {
                        Tiles<TFinish>(
                            last,
                            arguments,
                            height,
                            tileColumns,
                            aTile,
                            bTile,
                            cTile,
                            sideTile,
                            down,
                            tiles
                        );
                    }

                    if (restColumns > 0)
                    {
                        int right = tiles * tileColumns;
                        bTile += right * arguments.BColumn;
                        cTile += right * arguments.CColumn;
                        sideTile += right * arguments.SideColumn;
                        Tiles<TFinish>(last, arguments, height, restColumns, aTile, bTile, cTile, sideTile, down, 1);
                    }
                }
            }
        }
    }

    // Columns whose registers stay in the first-level cache while the rows pass by; all of them where they do anyway.
    private static int BlockOf(int columns, int depth, int tileRows, int tileColumns) =>
        depth * (tileRows + columns) <= CacheRegisters
            ? columns
            : Math.Max(1, ((CacheRegisters / depth) - tileRows) / tileColumns) * tileColumns;

    private static (int Rows, int Columns) Best(int rows, int columns)
    {
        ulong shape = ((ulong)(uint)rows << 33) | ((ulong)(uint)columns << 2);
        ref ulong known = ref s_choices[((rows * 31) + columns) & (s_choices.Length - 1)];
        ulong choice = known;
        if ((choice & ~3UL) != shape)
        {
            choice = shape | (uint)Cheapest(rows, columns);
            known = choice;
        }

        return s_tiles[choice & 3];
    }

    private static int Cheapest(int rows, int columns)
    {
        int best = 0;
        int least = int.MaxValue;
        for (int i = 0; i < s_tiles.Length; i++)
        {
            (int tileRows, int tileColumns) = s_tiles[i];
            (int fullRows, int restRows) = Math.DivRem(rows, tileRows);
            (int fullColumns, int restColumns) = Math.DivRem(columns, tileColumns);
            int cost =
                (fullRows * fullColumns * Cost(tileRows, tileColumns))
                + (fullColumns * Cost(restRows, tileColumns))
                + (fullRows * Cost(tileRows, restColumns))
                + Cost(restRows, restColumns);
            if (cost < least)
            {
                least = cost;
                best = i;
            }
        }

        return best;
    }

    // Half cycles a step of k: two multiply-adds and two loads a cycle, and a latency of four cycles for each chain.
    private static int Cost(int rows, int columns) =>
        rows == 0 || columns == 0 ? 0 : Math.Max(8, Math.Max(rows * columns, rows + columns)) + 1;

    private static void Tiles<TFinish>(
        bool last,
        in LaneTileArguments<T> arguments,
        int rows,
        int columns,
        T* a,
        T* b,
        T* c,
        T* side,
        int rowTiles,
        int tiles
    )
        where TFinish : struct, ILaneFinish<V, T>
    {
        if (last)
        {
            Tiles<TFinish>(arguments, rows, columns, a, b, c, side, rowTiles, tiles);
        }
        else
        {
            Tiles<LaneSum<V, T>>(arguments, rows, columns, a, b, c, side, rowTiles, tiles);
        }
    }

    private static void Tiles<TFinish>(
        in LaneTileArguments<T> arguments,
        int rows,
        int columns,
        T* a,
        T* b,
        T* c,
        T* side,
        int rowTiles,
        int tiles
    )
        where TFinish : struct, ILaneFinish<V, T>
    {
        switch (rows)
        {
            case 1:
                Tiles<Extent1, TFinish>(arguments, columns, a, b, c, side, rowTiles, tiles);
                break;
            case 2:
                Tiles<Extent2, TFinish>(arguments, columns, a, b, c, side, rowTiles, tiles);
                break;
            case 3:
                Tiles<Extent3, TFinish>(arguments, columns, a, b, c, side, rowTiles, tiles);
                break;
            case 4:
                Tiles<Extent4, TFinish>(arguments, columns, a, b, c, side, rowTiles, tiles);
                break;
            default:
                Tiles<Extent5, TFinish>(arguments, columns, a, b, c, side, rowTiles, tiles);
                break;
        }
    }

    private static void Tiles<TRows, TFinish>(
        in LaneTileArguments<T> arguments,
        int columns,
        T* a,
        T* b,
        T* c,
        T* side,
        int rowTiles,
        int tiles
    )
        where TRows : unmanaged, IExtent
        where TFinish : struct, ILaneFinish<V, T>
    {
        switch (columns)
        {
            case 1:
                LaneTile<V, T, TRows, Extent1, TFinish>.Run(arguments, a, b, c, side, rowTiles, tiles);
                break;
            case 2:
                LaneTile<V, T, TRows, Extent2, TFinish>.Run(arguments, a, b, c, side, rowTiles, tiles);
                break;
            case 3:
                LaneTile<V, T, TRows, Extent3, TFinish>.Run(arguments, a, b, c, side, rowTiles, tiles);
                break;
            case 4:
                LaneTile<V, T, TRows, Extent4, TFinish>.Run(arguments, a, b, c, side, rowTiles, tiles);
                break;
            default:
                LaneTile<V, T, TRows, Extent5, TFinish>.Run(arguments, a, b, c, side, rowTiles, tiles);
                break;
        }
    }
}
