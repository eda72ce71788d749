using System.Numerics.Tensors;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <summary>
    /// &lt;g_n, v&gt; = sum_l sum_i delta_l,n[i] (V_l [a_{l-1,n}; 1])[i], layers and units ascending. All vectors share one forward and
    /// backward pass.
    /// </summary>
    public void PerSampleGradientProjections(
        Points points,
        int replica,
        ReadOnlySpan<double> vectors,
        Span<double> projections
    )
    {
        DenseNet<T> net = Differentiate(points, replica, single: true);
        int p = net.Network.ParameterCount;
        int count = vectors.Length / p;
        T* vector = _workspace.Take(DenseScratch.Vector, p);
        T* sums = _workspace.Take(DenseScratch.Second, net.Stride);
        for (int v = 0; v < count; v++)
        {
            TensorPrimitives.ConvertTruncating(vectors.Slice(v * p, p), new Span<T>(vector, p));
            Project(net, vector, sums);
            for (int n = 0; n < net.Samples; n++)
            {
                projections[(n * count) + v] = double.CreateTruncating(sums[n]);
            }
        }
    }

    private void Project(DenseNet<T> net, T* vector, T* sums)
    {
        Network network = net.Network;
        T* along = _workspace.Take(DenseScratch.Tile, TensorPrimitives.Max(network.Widths[1..]) * net.Stride);
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            int inputs = network.Widths[layer - 1];
            int outputs = network.Widths[layer];
            Gemm<TVector, T>.Multiply(
                outputs,
                net.Samples,
                inputs,
                new(vector + network.WeightOffset(layer), inputs),
                new(net.Activations(layer - 1), net.Stride),
                new(along, net.Stride),
                false,
                ProductScratch
            );
            if (network.HasBias(layer))
            {
                T* bias = vector + network.BiasOffset(layer);
                ForwardBackward<TVector, T>.AddBias(along, bias, outputs, net.Samples, net.Stride);
            }

            T* deltas = net.Deltas(layer);
            for (nint n = 0; n < net.Samples; n += TVector.Count)
            {
                TVector sum = layer == 1 ? TVector.Zero : TVector.Load(sums + n);
                for (int i = 0; i < outputs; i++)
                {
                    nint at = (i * net.Stride) + n;
                    sum = TVector.FusedMultiplyAdd(TVector.Load(deltas + at), TVector.Load(along + at), sum);
                }

                TVector.Store(sum, sums + n);
            }
        }
    }
}
