using System.Numerics;
using Hesse.Backends.Cpu.Elementary;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// z_l = W_l a_{l-1} + b_l, a_l = phi(z_l) forwards; delta_l = phi'(z_l) * (W_{l+1}^T delta_{l+1}) backwards, for all samples
/// of one net. Sums over inputs and over outputs run in ascending order; the bias is added after the sum.
/// </summary>
internal static unsafe class ForwardBackward<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Activations, logits, losses and delta_L (divided by <paramref name="divisor"/>).</summary>
    public static void Forward(DenseNet<T> net, T divisor, T* scratch)
    {
        int layers = net.Network.Layers;
        for (int layer = 1; layer <= layers; layer++)
        {
            int width = net.Network.Widths[layer];
            int inputs = net.Network.Widths[layer - 1];
            T* z = net.Preactivations(layer);
            Matrix<T> a = new(net.Activations(layer - 1), net.Stride);
            Gemm<TVector, T>.Multiply(
                width,
                net.Samples,
                inputs,
                net.Weights(layer),
                a,
                new(z, net.Stride),
                false,
                scratch
            );
            if (net.Network.HasBias(layer))
            {
                AddBias(z, net.Parameters + net.Network.BiasOffset(layer), width, net.Samples, net.Stride);
            }

            if (layer < layers)
            {
                ActivationFunctions.Value<T>(
                    net.Network.Activation,
                    net.Whole(z, layer),
                    net.Whole(net.Activations(layer), layer)
                );
            }
        }

        OutputLayer<TVector, T>.Run(
            net.Network.Loss,
            net.Samples,
            net.Preactivations(layers),
            net.Output,
            divisor,
            net.Deltas(layers)
        );
    }

    /// <summary>Slopes, W^T delta and deltas of the hidden layers, after <see cref="Forward"/>.</summary>
    public static void Backward(DenseNet<T> net, T* scratch)
    {
        for (int layer = net.Network.Layers - 1; layer >= 1; layer--)
        {
            int width = net.Network.Widths[layer];
            int outputs = net.Network.Widths[layer + 1];
            T* back = net.Backs(layer);
            T* slope = net.Slopes(layer);
            Gemm<TVector, T>.Multiply(
                width,
                net.Samples,
                outputs,
                net.WeightsTransposed(layer + 1),
                new(net.Deltas(layer + 1), net.Stride),
                new(back, net.Stride),
                false,
                scratch
            );
            ActivationFunctions.Slope<T>(
                net.Network.Activation,
                net.Whole(net.Preactivations(layer), layer),
                net.Whole(net.Activations(layer), layer),
                net.Whole(slope, layer)
            );
            Multiply(back, slope, net.Deltas(layer), width * net.Stride);
        }
    }

    /// <summary>phi'' of the hidden layers, after <see cref="Forward"/>.</summary>
    public static void Bends(DenseNet<T> net)
    {
        for (int layer = 1; layer < net.Network.Layers; layer++)
        {
            ActivationFunctions.Bend<T>(
                net.Network.Activation,
                net.Whole(net.Preactivations(layer), layer),
                net.Whole(net.Activations(layer), layer),
                net.Whole(net.Bends(layer), layer)
            );
        }
    }

    /// <summary>Sample-major copies of the hidden activations; that of the inputs comes with the data.</summary>
    public static void Rows(DenseNet<T> net)
    {
        for (int layer = 1; layer < net.Network.Layers; layer++)
        {
            net.ToRows(net.Activations(layer), net.Network.Widths[layer], net.Rows(layer), net.RowStride(layer));
        }
    }

    /// <summary>z[o,:] += b[o], padding included.</summary>
    public static void AddBias(T* z, T* bias, int width, int samples, nint stride)
    {
        for (int o = 0; o < width; o++)
        {
            TVector b = TVector.Broadcast(bias[o]);
            T* row = z + (o * stride);
            for (nint n = 0; n < samples; n += TVector.Count)
            {
                TVector.Store(TVector.Add(TVector.Load(row + n), b), row + n);
            }
        }
    }

    /// <summary>product = left * right, element by element; whole registers.</summary>
    public static void Multiply(T* left, T* right, T* product, nint length)
    {
        for (nint i = 0; i < length; i += TVector.Count)
        {
            TVector.Store(TVector.Multiply(TVector.Load(left + i), TVector.Load(right + i)), product + i);
        }
    }
}
