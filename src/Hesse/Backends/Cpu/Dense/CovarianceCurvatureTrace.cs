using System.Numerics.Tensors;
using Hesse.Eigen;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <summary>
    /// tr(H C) = (1/N) sum_n (g_n - g)^T H (g_n - g): products with H of a few centred gradients at a time, samples ascending.
    /// </summary>
    public void CovarianceCurvatureTrace(Points points, int replica, Span<double> trace)
    {
        const int block = 32;
        int p = points.Network.ParameterCount;
        double[] mean = new double[p];
        Gradient(points, replica, mean);
        double[] centred = new double[Math.Min(block, points.Samples) * p];
        double[] images = new double[centred.Length];
        double sum = 0;
        for (int from = 0; from < points.Samples; from += block)
        {
            int count = Math.Min(block, points.Samples - from);
            DenseNet<T> net = Differentiate(points, replica, single: true);
            ForwardBackward<TVector, T>.Rows(net);
            Span<T> gradient = new(_workspace.Take(DenseScratch.Vector, p), p);
            for (int n = 0; n < count; n++)
            {
                fixed (T* g = gradient)
                {
                    SampleGradient(net, from + n, g);
                }

                Span<double> row = centred.AsSpan(n * p, p);
                Widen(gradient, row);
                TensorPrimitives.Subtract(row, mean, row);
            }

            HessianVectorProducts(points, replica, centred.AsSpan(0, count * p), images.AsSpan(0, count * p));
            for (int n = 0; n < count; n++)
            {
                sum += KrylovBasis.Dot(centred.AsSpan(n * p, p), images.AsSpan(n * p, p));
            }
        }

        trace[0] = sum / points.Samples;
    }
}
