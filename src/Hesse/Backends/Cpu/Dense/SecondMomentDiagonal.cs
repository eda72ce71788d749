using System.Numerics.Tensors;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <summary>M_ii = (1/N) sum_n g_n[i]^2, samples ascending.</summary>
    public void SecondMomentDiagonal(Points points, int replica, Span<double> diagonal)
    {
        DenseNet<T> net = Differentiate(points, replica, single: true);
        ForwardBackward<TVector, T>.Rows(net);
        int p = net.Network.ParameterCount;
        Span<T> gradient = new(_workspace.Take(DenseScratch.Second, p), p);
        Span<T> sum = new(_workspace.Take(DenseScratch.Vector, p), p);
        sum.Clear();
        fixed (T* g = gradient)
        {
            for (int n = 0; n < net.Samples; n++)
            {
                SampleGradient(net, n, g);
                TensorPrimitives.FusedMultiplyAdd<T>(gradient, gradient, sum, sum);
            }
        }

        TensorPrimitives.Divide(sum, T.CreateTruncating(net.Samples), sum);
        Widen(sum, diagonal);
    }
}
