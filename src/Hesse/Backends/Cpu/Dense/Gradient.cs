using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <inheritdoc/>
    public void Gradient(Points points, int replica, Span<double> gradient)
    {
        DenseNet<T> net = Differentiate(points, replica, single: false);
        ForwardBackward<TVector, T>.Rows(net);
        int p = net.Network.ParameterCount;
        T* sum = _workspace.Take(DenseScratch.Vector, p);
        SumGradients(net, ProductScratch, sum, continues: false);
        Widen(new ReadOnlySpan<T>(sum, p), gradient);
    }

    /// <summary>
    /// dW_l = sum_n delta_l a_{l-1}^T, db_l = sum_n delta_l, samples ascending, in the flat order (P); continues the sums that
    /// earlier samples left, or starts from 0.
    /// </summary>
    internal static void SumGradients(DenseNet<T> net, T* scratch, T* gradient, bool continues)
    {
        Network network = net.Network;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            int inputs = network.Widths[layer - 1];
            int outputs = network.Widths[layer];
            Matrix<T> delta = new(net.Deltas(layer), net.Stride);
            Matrix<T> rows = net.RowMatrix(layer - 1);
            Matrix<T> weights = new(gradient + network.WeightOffset(layer), inputs);
            Gemm<TVector, T>.Multiply(outputs, inputs, net.Samples, delta, rows, weights, continues, scratch);
            if (network.HasBias(layer))
            {
                SumOverSamples(net, delta, outputs, scratch, gradient + network.BiasOffset(layer), continues);
            }
        }
    }

    /// <summary>theta = theta + s g with the gradient g of <see cref="SumGradients"/>, which is nowhere stored.</summary>
    internal static void Descend(DenseNet<T> net, T* scratch, T* parameters, T scale)
    {
        Network network = net.Network;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            int inputs = network.Widths[layer - 1];
            int outputs = network.Widths[layer];
            Matrix<T> delta = new(net.Deltas(layer), net.Stride);
            Matrix<T> rows = net.RowMatrix(layer - 1);
            Matrix<T> weights = new(parameters + network.WeightOffset(layer), inputs);
            Gemm<TVector, T>.Descend(outputs, inputs, net.Samples, delta, rows, weights, scale, scratch);
            if (network.HasBias(layer))
            {
                Matrix<T> bias = new(parameters + network.BiasOffset(layer), 1);
                Gemm<TVector, T>.Descend(outputs, 1, net.Samples, delta, new(net.Ones, 0), bias, scale, scratch);
            }
        }
    }

    /// <summary>sums[i] = sum_n array[i,n]: a product with ones, whose multiply-adds are plain additions.</summary>
    private static void SumOverSamples(
        DenseNet<T> net,
        Matrix<T> array,
        int width,
        T* scratch,
        T* sums,
        bool continues
    ) => Gemm<TVector, T>.Multiply(width, 1, net.Samples, array, new(net.Ones, 0), new(sums, 1), continues, scratch);
}
