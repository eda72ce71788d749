using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <summary>H[(l,i,j),(l,i,j)] = sum_n S_l[i,i] [a_{l-1}; 1][j]^2, samples ascending.</summary>
    public void HessianDiagonal(Points points, int replica, Span<double> diagonal)
    {
        DenseNet<T> net = Differentiate(points, replica, single: false);
        ForwardBackward<TVector, T>.Rows(net);
        ForwardBackward<TVector, T>.Bends(net);
        Network network = net.Network;
        HessianFactors<TVector, T> factors = new(net, gaussNewton: false, _workspace);
        T* sum = _workspace.Take(DenseScratch.Vector, network.ParameterCount);
        T* scratch = ProductScratch;
        for (int from = 0; from < net.Samples; from += factors.BlockSamples)
        {
            int count = Math.Min(factors.BlockSamples, net.Samples - from);
            factors.ComputeCurvature(from, count);
            for (int layer = 1; layer <= network.Layers; layer++)
            {
                int inputs = network.Widths[layer - 1];
                int outputs = network.Widths[layer];
                nint rowStride = net.RowStride(layer - 1);
                T* squares = _workspace.Take(DenseScratch.Second, count * rowStride);
                T* rows = net.Rows(layer - 1) + (from * rowStride);
                ForwardBackward<TVector, T>.Multiply(rows, rows, squares, count * rowStride);
                Matrix<T> own = new(factors.Curvature(layer), (outputs + 1) * factors.Stride);
                Matrix<T> weights = new(sum + network.WeightOffset(layer), inputs);
                Gemm<TVector, T>.Multiply(
                    outputs,
                    inputs,
                    count,
                    own,
                    new(squares, rowStride),
                    weights,
                    from > 0,
                    scratch
                );
                if (network.HasBias(layer))
                {
                    Matrix<T> biases = new(sum + network.BiasOffset(layer), 1);
                    Gemm<TVector, T>.Multiply(outputs, 1, count, own, new(net.Ones, 0), biases, from > 0, scratch);
                }
            }
        }

        Widen(new ReadOnlySpan<T>(sum, network.ParameterCount), diagonal);
    }
}
