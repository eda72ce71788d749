using System.Numerics.Tensors;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <inheritdoc/>
    public void PerSampleGradients(Points points, int replica, Span<double> gradients)
    {
        DenseNet<T> net = Differentiate(points, replica, single: true);
        ForwardBackward<TVector, T>.Rows(net);
        int p = net.Network.ParameterCount;
        T* gradient = _workspace.Take(DenseScratch.Vector, p);
        for (int n = 0; n < net.Samples; n++)
        {
            SampleGradient(net, n, gradient);
            Widen(new ReadOnlySpan<T>(gradient, p), gradients.Slice(n * p, p));
        }
    }

    /// <summary>g_n: layer l is delta_l,n [a_{l-1,n}; 1]^T, in the flat order. (P)</summary>
    private static void SampleGradient(DenseNet<T> net, int sample, T* gradient)
    {
        Network network = net.Network;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            int inputs = network.Widths[layer - 1];
            ReadOnlySpan<T> row = new(net.Rows(layer - 1) + (sample * net.RowStride(layer - 1)), inputs);
            T* weights = gradient + network.WeightOffset(layer);
            T* biases = gradient + network.BiasOffset(layer);
            for (int o = 0; o < network.Widths[layer]; o++)
            {
                T delta = net.Deltas(layer)[(o * net.Stride) + sample];
                TensorPrimitives.Multiply(row, delta, new Span<T>(weights + ((nint)o * inputs), inputs));
                if (network.HasBias(layer))
                {
                    biases[o] = delta;
                }
            }
        }
    }
}
