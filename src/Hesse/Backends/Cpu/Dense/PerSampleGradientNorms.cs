using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <summary>||g_n||^2 = sum_l ||delta_l||^2 (||a_{l-1}||^2 + [bias_l]): the diagonal of the Gram matrix, bit for bit.</summary>
    public void PerSampleGradientNorms(Points points, int replica, Span<double> norms)
    {
        DenseNet<T> net = Differentiate(points, replica, single: true);
        Network network = net.Network;
        T* squares = _workspace.Take(DenseScratch.Vector, net.Stride);
        for (nint n = 0; n < net.Samples; n += TVector.Count)
        {
            TVector sum = TVector.Zero;
            for (int layer = 1; layer <= network.Layers; layer++)
            {
                TVector delta = SumOfSquares(net.Deltas(layer) + n, network.Widths[layer], net.Stride);
                TVector input = SumOfSquares(net.Activations(layer - 1) + n, network.Widths[layer - 1], net.Stride);
                if (network.HasBias(layer))
                {
                    input = TVector.Add(input, TVector.Broadcast(T.One));
                }

                sum = TVector.FusedMultiplyAdd(delta, input, sum);
            }

            TVector.Store(TVector.SquareRoot(sum), squares + n);
        }

        Widen(new ReadOnlySpan<T>(squares, net.Samples), norms);
    }

    private static TVector SumOfSquares(T* column, int width, nint stride)
    {
        TVector sum = TVector.Zero;
        for (int i = 0; i < width; i++)
        {
            TVector x = TVector.Load(column + (i * stride));
            sum = TVector.FusedMultiplyAdd(x, x, sum);
        }

        return sum;
    }
}
