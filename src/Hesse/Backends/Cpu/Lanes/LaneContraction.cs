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
/// whatever the tile and the blocking.
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

    /// <summary>Runs the contraction.</summary>
    /// <param name="a">rows x depth</param>
    /// <param name="b">columns x depth</param>
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
    )
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
        };
        for (int k = 0; k < depth || k == 0; k += LongestDepth)
        {
            arguments.Depth = Math.Min(LongestDepth, depth - k);
            arguments.Continues = continues || k > 0;
            int block =
                Math.Max(1, ((CacheRegisters / Math.Max(1, arguments.Depth)) - tileRows) / tileColumns) * tileColumns;
            for (int n0 = 0; n0 < columns; n0 += block)
            {
                int n1 = Math.Min(columns, n0 + block);
                for (int m = 0; m < rows; m += tileRows)
                {
                    T* aTile = a.Pointer + (m * arguments.ARow) + (k * arguments.AStep);
                    int tile = Math.Min(tileRows, rows - m);
                    T* bTile = b.Pointer + (n0 * arguments.BColumn) + (k * arguments.BStep);
                    T* cTile = c.Pointer + (m * arguments.CRow) + (n0 * arguments.CColumn);
                    (int tiles, int rest) = Math.DivRem(n1 - n0, tileColumns);
                    if (tiles > 0)
                    {
                        Tile(arguments, tile, tileColumns, aTile, bTile, cTile, tiles);
                    }

                    if (rest > 0)
                    {
                        int done = tiles * tileColumns;
                        bTile += done * arguments.BColumn;
                        cTile += done * arguments.CColumn;
                        Tile(arguments, tile, rest, aTile, bTile, cTile, 1);
                    }
                }
            }
        }
    }

    private static (int Rows, int Columns) Best(int rows, int columns)
    {
        (int Rows, int Columns) best = s_tiles[0];
        int least = int.MaxValue;
        foreach ((int tileRows, int tileColumns) in s_tiles)
        {
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
                best = (tileRows, tileColumns);
            }
        }

        return best;
    }

    // Half cycles a step of k: two multiply-adds and two loads a cycle, and a latency of four cycles for each chain.
    private static int Cost(int rows, int columns) =>
        rows == 0 || columns == 0 ? 0 : Math.Max(8, Math.Max(rows * columns, rows + columns)) + 1;

    private static void Tile(in LaneTileArguments<T> arguments, int rows, int columns, T* a, T* b, T* c, int tiles)
    {
        switch (rows)
        {
            case 1:
                Tile<Extent1>(arguments, columns, a, b, c, tiles);
                break;
            case 2:
                Tile<Extent2>(arguments, columns, a, b, c, tiles);
                break;
            case 3:
                Tile<Extent3>(arguments, columns, a, b, c, tiles);
                break;
            case 4:
                Tile<Extent4>(arguments, columns, a, b, c, tiles);
                break;
            default:
                Tile<Extent5>(arguments, columns, a, b, c, tiles);
                break;
        }
    }

    private static void Tile<TRows>(in LaneTileArguments<T> arguments, int columns, T* a, T* b, T* c, int tiles)
        where TRows : struct, IExtent
    {
        switch (columns)
        {
            case 1:
                LaneTile<V, T, TRows, Extent1>.Run(arguments, a, b, c, tiles);
                break;
            case 2:
                LaneTile<V, T, TRows, Extent2>.Run(arguments, a, b, c, tiles);
                break;
            case 3:
                LaneTile<V, T, TRows, Extent3>.Run(arguments, a, b, c, tiles);
                break;
            case 4:
                LaneTile<V, T, TRows, Extent4>.Run(arguments, a, b, c, tiles);
                break;
            default:
                LaneTile<V, T, TRows, Extent5>.Run(arguments, a, b, c, tiles);
                break;
        }
    }
}
