using System.Numerics.Tensors;
using Hesse.Backends.Cpu.Elementary;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <inheritdoc/>
    public void HessianVectorProducts(
        Points points,
        int replica,
        ReadOnlySpan<double> vectors,
        Span<double> products
    ) => VectorProducts(points, replica, gaussNewton: false, vectors, products);

    /// <inheritdoc/>
    public void GgnVectorProducts(Points points, int replica, ReadOnlySpan<double> vectors, Span<double> products) =>
        VectorProducts(points, replica, gaussNewton: true, vectors, products);

    /// <summary>All vectors share one forward and backward pass.</summary>
    private void VectorProducts(
        Points points,
        int replica,
        bool gaussNewton,
        ReadOnlySpan<double> vectors,
        Span<double> products
    ) => VectorProducts(Linearise(points, replica, gaussNewton), gaussNewton, vectors, products);

    /// <summary>
    /// Everything that the products at a point share. It stays in the work space: a method that takes one product after another
    /// does this once, and calls no other operation in between.
    /// </summary>
    private DenseNet<T> Linearise(Points points, int replica, bool gaussNewton)
    {
        DenseNet<T> net = Differentiate(points, replica, single: false);
        ForwardBackward<TVector, T>.Rows(net);
        if (!gaussNewton)
        {
            if (ActivationFunctions.Bends(net.Network.Activation))
            {
                ForwardBackward<TVector, T>.Bends(net);
            }

            CopyDeltaRows(net);
        }

        return net;
    }

    private void VectorProducts(DenseNet<T> net, bool gaussNewton, ReadOnlySpan<double> vectors, Span<double> products)
    {
        int p = net.Network.ParameterCount;
        if (typeof(T) == typeof(double))
        {
            fixed (double* directions = vectors)
            fixed (double* images = products)
            {
                for (nint v = 0; v < vectors.Length; v += p)
                {
                    VectorProduct(net, gaussNewton, (T*)(directions + v), (T*)(images + v));
                }
            }

            return;
        }

        T* vector = _workspace.Take(DenseScratch.Vector, p);
        T* product = _workspace.Take(DenseScratch.Second, p);
        for (int v = 0; v < vectors.Length / p; v++)
        {
            TensorPrimitives.ConvertTruncating(vectors.Slice(v * p, p), new Span<T>(vector, p));
            VectorProduct(net, gaussNewton, vector, product);
            Widen(new ReadOnlySpan<T>(product, p), products.Slice(v * p, p));
        }
    }

    /// <summary>Pearlmutter's R-operator: the derivative of the gradient along a direction V (docs/numerics.md, 3).</summary>
    private void VectorProduct(DenseNet<T> net, bool gaussNewton, T* direction, T* product)
    {
        Network network = net.Network;
        T* z = _workspace.Take(DenseScratch.DirectionalPreactivations, LayersLength(net));
        T* a = _workspace.Take(DenseScratch.DirectionalActivations, LayersLength(net));
        T* delta = _workspace.Take(DenseScratch.DirectionalDeltas, LayersLength(net));
        DirectionalForward(net, direction, z, a);
        int last = network.Layers;
        OutputCurvature<TVector, T>.Apply(
            network.Loss,
            net.Samples,
            net.Output,
            z + LayerOffset(net, last),
            delta + LayerOffset(net, last)
        );
        DirectionalBackward(net, gaussNewton, direction, z, delta);
        T* scratch = ProductScratch;
        for (int layer = 1; layer <= last; layer++)
        {
            int inputs = network.Widths[layer - 1];
            int outputs = network.Widths[layer];
            Matrix<T> change = new(delta + LayerOffset(net, layer), net.Stride);
            Matrix<T> rows = new(net.Rows(layer - 1), net.RowStride(layer - 1));
            T* weights = product + network.WeightOffset(layer);
            Gemm<TVector, T>.Multiply(outputs, inputs, net.Samples, change, rows, new(weights, inputs), false, scratch);
            if (network.HasBias(layer))
            {
                SumOverSamples(net, change, outputs, scratch, product + network.BiasOffset(layer), false);
            }

            if (layer > 1 && !gaussNewton)
            {
                AddDeltaTimesActivationChange(net, layer, a + LayerOffset(net, layer - 1), weights);
            }
        }
    }

    /// <summary>R z_l = W_l R a_{l-1} + V_l a_{l-1} + c_l;  R a_l = phi'(z_l) R z_l.</summary>
    private void DirectionalForward(DenseNet<T> net, T* direction, T* z, T* a)
    {
        Network network = net.Network;
        T* scratch = ProductScratch;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            int inputs = network.Widths[layer - 1];
            int outputs = network.Widths[layer];
            T* change = z + LayerOffset(net, layer);
            Matrix<T> into = new(change, net.Stride);
            if (layer > 1)
            {
                Matrix<T> below = new(a + LayerOffset(net, layer - 1), net.Stride);
                Gemm<TVector, T>.Multiply(
                    outputs,
                    net.Samples,
                    inputs,
                    net.Weights(layer),
                    below,
                    into,
                    false,
                    scratch
                );
            }

            Matrix<T> v = new(direction + network.WeightOffset(layer), inputs);
            Matrix<T> activations = new(net.Activations(layer - 1), net.Stride);
            Gemm<TVector, T>.Multiply(outputs, net.Samples, inputs, v, activations, into, layer > 1, scratch);
            T* bias = network.HasBias(layer) ? direction + network.BiasOffset(layer) : null;
            if (layer < network.Layers)
            {
                AddBiasAndMultiply(net, layer, bias, change, a + LayerOffset(net, layer));
            }
            else if (bias is not null)
            {
                ForwardBackward<TVector, T>.AddBias(change, bias, outputs, net.Samples, net.Stride);
            }
        }
    }

    // R z_l += c_l;  R a_l = phi'(z_l) R z_l, in one pass.
    private static void AddBiasAndMultiply(DenseNet<T> net, int layer, T* bias, T* change, T* product)
    {
        T* slopes = net.Slopes(layer);
        for (int o = 0; o < net.Network.Widths[layer]; o++)
        {
            nint row = o * net.Stride;
            TVector b = bias is null ? TVector.Zero : TVector.Broadcast(bias[o]);
            for (nint i = row; i < row + net.Samples; i += TVector.Count)
            {
                TVector z = TVector.Load(change + i);
                z = bias is null ? z : TVector.Add(z, b);
                TVector.Store(z, change + i);
                TVector.Store(TVector.Multiply(TVector.Load(slopes + i), z), product + i);
            }
        }
    }

    /// <summary>
    /// R delta_l = phi'(z_l) (W_{l+1}^T R delta_{l+1} + V_{l+1}^T delta_{l+1}) + phi''(z_l) R z_l (W_{l+1}^T delta_{l+1});
    /// the Gauss-Newton product has only the first of the three terms, and where phi'' = 0 the third is left out.
    /// </summary>
    private void DirectionalBackward(DenseNet<T> net, bool gaussNewton, T* direction, T* z, T* delta)
    {
        Network network = net.Network;
        T* scratch = ProductScratch;
        for (int layer = network.Layers - 1; layer >= 1; layer--)
        {
            int width = network.Widths[layer];
            int outputs = network.Widths[layer + 1];
            T* change = delta + LayerOffset(net, layer);
            Matrix<T> into = new(change, net.Stride);
            Matrix<T> above = new(delta + LayerOffset(net, layer + 1), net.Stride);
            Matrix<T> transposed = net.WeightsTransposed(layer + 1);
            Gemm<TVector, T>.Multiply(width, net.Samples, outputs, transposed, above, into, false, scratch);
            if (gaussNewton)
            {
                ForwardBackward<TVector, T>.Multiply(net.Slopes(layer), change, change, width * net.Stride);
                continue;
            }

            Matrix<T> v = new(direction + network.WeightOffset(layer + 1), 1, width);
            Matrix<T> deltas = new(net.Deltas(layer + 1), net.Stride);
            Gemm<TVector, T>.Multiply(width, net.Samples, outputs, v, deltas, into, true, scratch);
            if (!ActivationFunctions.Bends(network.Activation))
            {
                ForwardBackward<TVector, T>.Multiply(net.Slopes(layer), change, change, width * net.Stride);
                continue;
            }

            T* slopes = net.Slopes(layer);
            T* bends = net.Bends(layer);
            T* backs = net.Backs(layer);
            T* changes = z + LayerOffset(net, layer);
            for (nint i = 0; i < width * net.Stride; i += TVector.Count)
            {
                TVector bent = TVector.Multiply(TVector.Load(bends + i), TVector.Load(changes + i));
                bent = TVector.Multiply(bent, TVector.Load(backs + i));
                bent = TVector.FusedMultiplyAdd(TVector.Load(slopes + i), TVector.Load(change + i), bent);
                TVector.Store(bent, change + i);
            }
        }
    }

    /// <summary>
    /// weights += sum_n delta_l (R a_{l-1})^T, computed transposed: the deltas are transposed once for all vectors, and each
    /// vector transposes a sum over samples instead of an array over samples.
    /// </summary>
    private void AddDeltaTimesActivationChange(DenseNet<T> net, int layer, T* change, T* weights)
    {
        int inputs = net.Network.Widths[layer - 1];
        int outputs = net.Network.Widths[layer];
        nint rowStride = net.RowStride(layer);
        T* rows = _workspace.Take(DenseScratch.DeltaRows, DeltaRowsLength(net)) + DeltaRowsOffset(net, layer);
        T* sum = _workspace.Take(DenseScratch.Tile, inputs * rowStride);
        Gemm<TVector, T>.Multiply(
            inputs,
            outputs,
            net.Samples,
            new(change, net.Stride),
            new(rows, rowStride),
            new(sum, rowStride),
            false,
            ProductScratch
        );
        for (int o = 0; o < outputs; o++)
        {
            for (int j = 0; j < inputs; j++)
            {
                weights[((nint)o * inputs) + j] += sum[(j * rowStride) + o];
            }
        }
    }

    private void CopyDeltaRows(DenseNet<T> net)
    {
        T* rows = _workspace.Take(DenseScratch.DeltaRows, DeltaRowsLength(net));
        for (int layer = 2; layer <= net.Network.Layers; layer++)
        {
            T* to = rows + DeltaRowsOffset(net, layer);
            net.ToRows(net.Deltas(layer), net.Network.Widths[layer], to, net.RowStride(layer));
        }
    }

    private static nint LayerOffset(DenseNet<T> net, int layer)
    {
        nint offset = 0;
        for (int below = 1; below < layer; below++)
        {
            offset += net.Network.Widths[below] * net.Stride;
        }

        return offset;
    }

    private static nint LayersLength(DenseNet<T> net) => LayerOffset(net, net.Network.Layers + 1);

    private static nint DeltaRowsOffset(DenseNet<T> net, int layer)
    {
        nint offset = 0;
        for (int below = 1; below < layer; below++)
        {
            offset += net.Samples * net.RowStride(below);
        }

        return offset;
    }

    private static nint DeltaRowsLength(DenseNet<T> net) => DeltaRowsOffset(net, net.Network.Layers + 1);
}
