using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    // Rows of the Gram matrix computed at a time: as many as share a packed panel of columns, while their own packed factors fit half
    // of a second-level cache of 512 KB; of wide nets fewer, but two tiles in any case.
    private const int GramRows = 8 * GramTileRows;
    private const int LeastGramRows = 2 * GramTileRows;
    private const int GramTileRows = Gemm<TVector, T>.TileRows;
    private const int PackedRowsBytes = 256 * 1024;

    /// <inheritdoc/>
    public void Gram(Points points, int replica, Span<double> gram)
    {
        DenseNet<T> net = Differentiate(points, replica, single: true);
        fixed (double* matrix = gram)
        {
            FillGram(net, matrix);
        }
    }

    /// <summary>&lt;g_i, g_j&gt; of the samples, both triangles. (N,N)</summary>
    private void FillGram<TOut>(DenseNet<T> net, TOut* matrix)
        where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut>
    {
        int samples = net.Samples;
        int step = RowsOfStrip(net.Network);
        T* strip = _workspace.Take(DenseScratch.Vector, step * net.Stride);
        for (int from = 0; from < samples; from += step)
        {
            int rows = Math.Min(step, samples - from);
            GramStrip(net, from, rows, strip, net.Stride);
            for (int row = from; row < from + rows; row++)
            {
                TensorPrimitives.ConvertTruncating(
                    new ReadOnlySpan<T>(strip + ((row - from) * net.Stride), row + 1),
                    new Span<TOut>(matrix + (row * (nint)samples), row + 1)
                );
            }

            Mirror(strip, net.Stride, from, rows, matrix, samples);
        }
    }

    /// <summary>Rows of a Gram matrix that are computed at a time.</summary>
    internal static int RowsOfStrip(Network network)
    {
        int tiles = PackedRowsBytes / (Factors(network) * sizeof(T) * GramTileRows);
        return Math.Clamp(tiles * GramTileRows, LeastGramRows, GramRows);
    }

    /// <summary>Numbers of a sample that its inner products with the others take: delta_l and a_{l-1} of all layers.</summary>
    internal static int Factors(Network network)
    {
        int sum = 0;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            sum += network.Widths[layer] + network.Widths[layer - 1];
        }

        return sum;
    }

    /// <summary>
    /// &lt;g_i, g_j&gt; = sum_l (delta_l,i . delta_l,j)(a_{l-1,i} . a_{l-1,j} + [bias_l]) for rows i = from .. from+rows-1 and j at
    /// most i (and some larger ones). Every factor is a sum in ascending order of products that commute: the matrix is symmetric to the
    /// last bit. All layers of a tile are computed before the next tile, so that no product of a layer leaves the first-level cache.
    /// </summary>
    /// <param name="net">Deltas of single losses.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">At most <see cref="RowsOfStrip"/>.</param>
    /// <param name="to">(rows, stride)</param>
    /// <param name="stride">Elements from one row to the next.</param>
    private void GramStrip(DenseNet<T> net, int from, int rows, T* to, nint stride)
    {
        int tileColumns = Gemm<TVector, T>.TileColumns;
        int factors = Factors(net.Network);
        T* left = _workspace.Take(DenseScratch.Second, RowsOfStrip(net.Network) * (long)factors);
        T* right = _workspace.Take(DenseScratch.Panel, tileColumns * (long)factors);
        T* tiles = _workspace.Take(DenseScratch.Tile, 4L * GramTileRows * tileColumns);
        PackFactors(net, from, rows, left);
        for (int column = 0; column < from + rows; column += tileColumns)
        {
            int columns = Math.Min(tileColumns, net.Samples - column);
            PackFactors(net, column, columns, right, panel: true);
            for (int row = 0; row < rows; row += GramTileRows)
            {
                int height = Math.Min(GramTileRows, rows - row);
                if (column < from + row + height)
                {
                    T* place = to + (row * stride) + column;
                    GramTile(net.Network, rows, row, height, columns, left, right, tiles, place, stride);
                }
            }
        }
    }

    // delta_l and a_{l-1} of some samples, layer after layer: as rows of a left factor or as a panel of a right one.
    private static void PackFactors(DenseNet<T> net, int from, int samples, T* packed, bool panel = false)
    {
        for (int layer = 1; layer <= net.Network.Layers; layer++)
        {
            packed = PackFactor(net, net.Deltas(layer), net.Network.Widths[layer], from, samples, packed, panel);
            int inputs = net.Network.Widths[layer - 1];
            packed = PackFactor(net, net.Activations(layer - 1), inputs, from, samples, packed, panel);
        }
    }

    private static T* PackFactor(DenseNet<T> net, T* array, int width, int from, int samples, T* packed, bool panel)
    {
        if (panel)
        {
            Gemm<TVector, T>.PackPanel(new(array + from, net.Stride), width, samples, packed);
            return packed + (width * Gemm<TVector, T>.TileColumns);
        }

        Gemm<TVector, T>.PackRows(new(array + from, 1, net.Stride), samples, width, packed);
        return packed + (width * TilesOf(samples) * GramTileRows);
    }

    private static int TilesOf(int rows) => (rows + GramTileRows - 1) / GramTileRows;

    // One tile, in its place when its last layer is done; until then, and where it is not whole, its sums lie in the first of the tiles.
    private static void GramTile(
        Network network,
        int rows,
        int row,
        int height,
        int columns,
        T* left,
        T* right,
        T* tiles,
        T* to,
        nint stride
    )
    {
        int tileColumns = Gemm<TVector, T>.TileColumns;
        int size = GramTileRows * tileColumns;
        int packedRows = TilesOf(rows) * GramTileRows;
        bool whole = columns == tileColumns;
        T* deltas = tiles + size;
        T* inputs = deltas + size;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            Product(network.Widths[layer], deltas);
            Product(network.Widths[layer - 1], inputs);
            TVector bias = TVector.Broadcast(network.HasBias(layer) ? T.One : T.Zero);
            bool done = layer == network.Layers && whole;
            T* sums = done ? to : tiles;
            nint sumsRow = done ? stride : tileColumns;
            for (int i = 0; i < height; i++)
            {
                for (int j = i * tileColumns; j < (i + 1) * tileColumns; j += TVector.Count)
                {
                    TVector sum = layer == 1 ? TVector.Zero : TVector.Load(tiles + j);
                    TVector input = TVector.Add(TVector.Load(inputs + j), bias);
                    TVector product = TVector.FusedMultiplyAdd(TVector.Load(deltas + j), input, sum);
                    TVector.Store(product, sums + (i * sumsRow) + (j - (i * tileColumns)));
                }
            }
        }

        // A tile at the right end would reach over the end of its rows.
        for (int i = 0; !whole && i < height; i++)
        {
            new ReadOnlySpan<T>(tiles + (i * tileColumns), columns).CopyTo(new Span<T>(to + (i * stride), columns));
        }

        void Product(int width, T* product)
        {
            Gemm<TVector, T>.Tile(
                height,
                columns,
                width,
                new(left + (row * width), 1, GramTileRows),
                new(right, tileColumns),
                product,
                tileColumns,
                false,
                null,
                inputs + size
            );
            left += width * packedRows;
            right += width * tileColumns;
        }
    }

    /// <summary>
    /// Copies rows from .. from+rows-1 of the lower triangle to columns above the diagonal, while they are still in the cache. A column is put together first and then
    /// converted: a conversion number by number keeps what its register held before, so that each would wait for the one before it.
    /// </summary>
    private static void Mirror<TOut>(T* strip, nint stride, int from, int rows, TOut* matrix, nint order)
        where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut>
    {
        T* numbers = stackalloc T[GramRows];
        for (int column = 0; column < from + rows - 1; column++)
        {
            int first = Math.Max(0, column + 1 - from);
            T* value = strip + (first * stride) + column;
            for (int row = first; row < rows; row++, value += stride)
            {
                numbers[row] = *value;
            }

            TensorPrimitives.ConvertTruncating(
                new ReadOnlySpan<T>(numbers + first, rows - first),
                new Span<TOut>(matrix + (column * order) + from + first, rows - first)
            );
        }
    }
}
