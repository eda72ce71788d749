using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>A matrix as a kernel reads it: element (row, column) lies at Start[row * Row + column * Column].</summary>
/// <param name="start">Element (0,0).</param>
/// <param name="row">Elements from one row to the next.</param>
/// <param name="column">Elements from one column to the next.</param>
/// <param name="rows">Null, or which rows of a larger matrix these are: row k is its row rows[k]. A product's right-hand side only.</param>
internal readonly unsafe struct Matrix<T>(T* start, nint row, nint column = 1, int* rows = null)
    where T : unmanaged
{
    public readonly T* Start = start;
    public readonly nint Row = row;
    public readonly nint Column = column;
    public readonly int* Rows = rows;
}

/// <summary>
/// Matrix product on one core. Every element of C is one chain of fused multiply-adds in ascending k, whatever the register
/// width, the tile or the blocking: the bits are those of the scalar loop.
/// </summary>
internal static unsafe class Gemm<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Rows of a register tile.</summary>
    public const int TileRows = 6;

    // A panel of B (Depth x two registers) takes 16 KB, half of the smallest first-level cache, at every width.
    private const int PanelBytes = 16 * 1024;

    // Rows of A that are swept for each panel of B: with its depth 144 KB, a fraction of the second-level cache.
    private const int SweepRows = 24 * TileRows;

    // Below this many rows a panel of B is read so few times that copying it costs more than it saves.
    private const int RowsWorthPacking = 4 * TileRows;

    // Below this many panels the same holds of A.
    private const int PanelsWorthPacking = 8;

    // The same where A is stored by columns, six elements of which lie together: a tile would else use a quarter of every line that it
    // fetches, and lines a power of two apart displace each other.
    private const int PanelsWorthPackingColumns = 2;

    // So many rows of B at any distance still find their pages in the first-level translation buffer.
    private const int RowsWithoutPacking = 40;

    /// <summary>Columns of a register tile.</summary>
    public static int TileColumns => 2 * TVector.Count;

    /// <summary>Number of k in one panel of B.</summary>
    public static int Depth => PanelBytes / (TileColumns * sizeof(T));

    /// <summary>Elements of scratch that <see cref="Multiply"/> needs: a panel of B, a sweep of A, one tile of C.</summary>
    public static int ScratchLength => (Depth * TileColumns) + (SweepRows * Depth) + (TileRows * TileColumns);

    /// <summary>
    /// C = A B, or C += A B. B is M x K times K x N; C and B have unit stride along N. B may be read up to one register past
    /// the end of a row; C is written nowhere else.
    /// </summary>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Length of the sums.</param>
    /// <param name="a">M x K, any strides.</param>
    /// <param name="b">K x N, unit column stride.</param>
    /// <param name="c">M x N, unit column stride; overlaps neither A nor B.</param>
    /// <param name="continues">Whether the chains start from C (C += A B) or from 0.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements.</param>
    public static void Multiply(
        int m,
        int n,
        int k,
        Matrix<T> a,
        Matrix<T> b,
        Matrix<T> c,
        bool continues,
        T* scratch
    ) => Run(m, n, k, a, b, c, continues, null, scratch);

    /// <summary>C = C + s (A B), every product's sum complete before its one rounding with C: a gradient that goes into its parameters at once.</summary>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Length of the sums, at most <see cref="Depth"/>.</param>
    /// <param name="a">M x K, any strides.</param>
    /// <param name="b">K x N, unit column stride.</param>
    /// <param name="c">M x N, unit column stride; overlaps neither A nor B.</param>
    /// <param name="scale">s</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements.</param>
    public static void Descend(int m, int n, int k, Matrix<T> a, Matrix<T> b, Matrix<T> c, T scale, T* scratch) =>
        Run(m, n, k, a, b, c, false, &scale, scratch);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(
        int m,
        int n,
        int k,
        Matrix<T> a,
        Matrix<T> b,
        Matrix<T> c,
        bool continues,
        T* scale,
        T* scratch
    )
    {
        if (k == 0 && !continues)
        {
            for (int row = 0; row < m; row++)
            {
                new Span<T>(c.Start + (row * c.Row), n).Clear();
            }

            return;
        }

        T* panel = scratch;
        T* sweep = panel + (Depth * TileColumns);
        T* corner = sweep + (SweepRows * Depth);
        bool packB = b.Rows is not null || (m >= RowsWorthPacking && k > RowsWithoutPacking && b.Row > 2 * TileColumns);
        int panels = a.Row == 1 ? PanelsWorthPackingColumns : PanelsWorthPacking;
        bool packA = n >= panels * TileColumns && a.Column != 1 && k > RowsWithoutPacking;
        for (int from = 0; from < k; from += Depth)
        {
            int depth = Math.Min(Depth, k - from);
            bool adds = continues || from > 0;
            for (int top = 0; top < m; top += SweepRows)
            {
                int rows = Math.Min(SweepRows, m - top);
                Matrix<T> left = new(a.Start + (top * a.Row) + (from * a.Column), a.Row, a.Column);
                if (packA)
                {
                    PackRows(left, rows, depth, sweep);
                }

                for (int column = 0; column < n; column += TileColumns)
                {
                    int columns = Math.Min(TileColumns, n - column);
                    Matrix<T> right = b.Rows is null
                        ? new(b.Start + (from * b.Row) + column, b.Row)
                        : new(b.Start + column, b.Row, 1, b.Rows + from);
                    if (packB)
                    {
                        PackPanel(right, depth, columns, panel);
                        right = new(panel, TileColumns);
                    }

                    for (int row = 0, height; row < rows; row += height)
                    {
                        // One or two rows alone wait for their own latency: the last tile but one leaves them some of its rows.
                        height = Math.Min(TileRows, rows - row);
                        height = !packA && rows - row is 7 or 8 ? 4 : height;
                        Matrix<T> tile = packA
                            ? new(sweep + (row * depth), 1, TileRows)
                            : new(left.Start + (row * left.Row), left.Row, left.Column);
                        T* to = c.Start + ((top + row) * c.Row) + column;
                        Tile(height, columns, depth, tile, right, to, c.Row, adds, scale, corner);
                    }
                }
            }
        }
    }

    /// <summary>Copies rows of A into tiles of six: element (row, k) goes to tile row / 6 at [k * 6 + row % 6].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRows(Matrix<T> a, int rows, int depth, T* packed)
    {
        if (a.Row == 1)
        {
            PackColumns(a, rows, depth, packed);
            return;
        }

        for (int row = 0; row < rows; row++)
        {
            T* from = a.Start + (row * a.Row);
            T* to = packed + (row / TileRows * TileRows * (nint)depth) + (row % TileRows);
            for (int step = 0; step < depth; step++)
            {
                *to = *from;
                from += a.Column;
                to += TileRows;
            }
        }
    }

    // The same for unit row stride.
    private static void PackColumns(Matrix<T> a, int rows, int depth, T* packed)
    {
        for (int row = 0; row < rows; row += TileRows)
        {
            T* from = a.Start + row;
            int height = Math.Min(TileRows, rows - row);
            for (int step = 0; step < depth; step++, from += a.Column, packed += TileRows)
            {
                for (int i = 0; i < height; i++)
                {
                    packed[i] = from[i];
                }
            }
        }
    }

    /// <summary>One tile of at most 6 rows and two registers of columns; an incomplete register goes through the corner.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile(
        int rows,
        int columns,
        int depth,
        Matrix<T> a,
        Matrix<T> b,
        T* c,
        nint cRow,
        bool continues,
        T* scale,
        T* corner
    )
    {
        bool whole = columns == TileColumns || columns == TVector.Count;
        T* to = whole ? c : corner;
        nint toRow = whole ? cRow : TileColumns;
        if (!whole && (continues || scale is not null))
        {
            for (int row = 0; row < rows; row++)
            {
                new ReadOnlySpan<T>(c + (row * cRow), columns).CopyTo(new Span<T>(corner + (row * toRow), columns));
            }
        }

        bool two = columns > TVector.Count;
        switch (rows)
        {
            case 1:
                Run<Extent1>(two, depth, a, b, to, toRow, continues, scale);
                break;
            case 2:
                Run<Extent2>(two, depth, a, b, to, toRow, continues, scale);
                break;
            case 3:
                Run<Extent3>(two, depth, a, b, to, toRow, continues, scale);
                break;
            case 4:
                Run<Extent4>(two, depth, a, b, to, toRow, continues, scale);
                break;
            case 5:
                Run<Extent5>(two, depth, a, b, to, toRow, continues, scale);
                break;
            default:
                Run<Extent6>(two, depth, a, b, to, toRow, continues, scale);
                break;
        }

        if (!whole)
        {
            for (int row = 0; row < rows; row++)
            {
                new ReadOnlySpan<T>(corner + (row * toRow), columns).CopyTo(new Span<T>(c + (row * cRow), columns));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TRows>(
        bool two,
        int depth,
        Matrix<T> a,
        Matrix<T> b,
        T* c,
        nint cRow,
        bool continues,
        T* scale
    )
        where TRows : unmanaged, IExtent
    {
        if (two)
        {
            GemmTile<TVector, T, TRows>.Two(depth, a.Start, a.Row, a.Column, b.Start, b.Row, c, cRow, continues, scale);
        }
        else
        {
            GemmTile<TVector, T, TRows>.One(depth, a.Start, a.Row, a.Column, b.Start, b.Row, c, cRow, continues, scale);
        }
    }

    /// <summary>Copies a panel of B: row k to [k * <see cref="TileColumns"/>]. Up to two registers of every row are read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackPanel(Matrix<T> b, int depth, int columns, T* panel)
    {
        bool two = columns > TVector.Count;
        T* from = b.Start;
        for (int step = 0; step < depth; step++)
        {
            from = b.Rows is null ? from : b.Start + (b.Rows[step] * b.Row);
            TVector.Store(TVector.Load(from), panel);
            if (two)
            {
                TVector.Store(TVector.Load(from + TVector.Count), panel + TVector.Count);
            }

            from += b.Row;
            panel += TileColumns;
        }
    }
}
