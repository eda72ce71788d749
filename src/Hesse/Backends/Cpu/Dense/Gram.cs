using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    // Rows of the Gram matrix computed at a time: with all columns two such strips stay in the second-level cache.
    private const int GramRows = 48;

    /// <inheritdoc/>
    public void Gram(Points points, int replica, Span<double> gram)
    {
        DenseNet<T> net = Differentiate(points, replica, single: true);
        int samples = net.Samples;
        T* strip = _workspace.Take(DenseScratch.Vector, GramRows * net.Stride);
        for (int from = 0; from < samples; from += GramRows)
        {
            int rows = Math.Min(GramRows, samples - from);
            GramStrip(net, from, rows, strip);
            for (int row = 0; row < rows; row++)
            {
                ReadOnlySpan<T> values = new(strip + (row * net.Stride), samples);
                Widen(values, gram.Slice((from + row) * samples, samples));
            }
        }
    }

    /// <summary>
    /// &lt;g_i, g_j&gt; = sum_l (delta_l,i . delta_l,j)(a_{l-1,i} . a_{l-1,j} + [bias_l]) for rows i = from .. from+rows-1 and all
    /// j. Every factor is a sum in ascending order of products that commute: the matrix is symmetric to the last bit.
    /// </summary>
    private void GramStrip(DenseNet<T> net, int from, int rows, T* strip)
    {
        Network network = net.Network;
        T* deltas = _workspace.Take(DenseScratch.Second, GramRows * net.Stride);
        T* inputs = _workspace.Take(DenseScratch.Tile, GramRows * net.Stride);
        nint length = rows * net.Stride;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            Products(net, net.Deltas(layer), network.Widths[layer], from, rows, deltas);
            Products(net, net.Activations(layer - 1), network.Widths[layer - 1], from, rows, inputs);
            TVector bias = TVector.Broadcast(network.HasBias(layer) ? T.One : T.Zero);
            for (nint i = 0; i < length; i += TVector.Count)
            {
                TVector sum = layer == 1 ? TVector.Zero : TVector.Load(strip + i);
                TVector input = TVector.Add(TVector.Load(inputs + i), bias);
                TVector.Store(TVector.FusedMultiplyAdd(TVector.Load(deltas + i), input, sum), strip + i);
            }
        }
    }

    /// <summary>products[i,j] = sum_k array[k,from+i] array[k,j], k ascending.</summary>
    private void Products(DenseNet<T> net, T* array, int width, int from, int rows, T* products) =>
        Gemm<TVector, T>.Multiply(
            rows,
            net.Samples,
            width,
            new(array + from, 1, net.Stride),
            new(array, net.Stride),
            new(products, net.Stride),
            false,
            ProductScratch
        );
}
