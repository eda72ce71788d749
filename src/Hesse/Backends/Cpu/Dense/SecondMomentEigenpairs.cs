using System.Numerics.Tensors;
using Hesse.Eigen;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <inheritdoc/>
    public void SecondMomentEigenpairs(Points points, int replica, int count, Span<double> pairs)
    {
        DenseNet<T> net = Differentiate(points, replica, single: true);
        int p = net.Network.ParameterCount;
        int samples = net.Samples;
        int order = Math.Min(samples, p);
        T* matrix = TakeMatrix(order);
        if (samples <= p)
        {
            ScaledGram(net, centred: false, matrix);
        }
        else
        {
            GradientMoments(net, centred: false, matrix);
        }

        double[] values = new double[count];
        double[] vectors = new double[(long)count * order];
        Span<double> wide = Whole(order);
        Widen(new ReadOnlySpan<T>(matrix, order * order), wide);
        _extremes.Of(wide, order, count, 0, values, vectors);
        pairs.Clear();
        for (int i = 0; i < count; i++)
        {
            pairs[i * (1 + p)] = values[i];
            if (samples > p)
            {
                vectors.AsSpan(i * p, p).CopyTo(pairs.Slice((i * (1 + p)) + 1, p));
            }
        }

        if (samples <= p)
        {
            FromGram(net, vectors, count, pairs);
        }

        MomentPairs.Normalise(p, samples, count, pairs);
    }

    /// <summary>u = sum_n w_n g_n, samples ascending.</summary>
    private void FromGram(DenseNet<T> net, double[] vectors, int count, Span<double> pairs)
    {
        ForwardBackward<TVector, T>.Rows(net);
        int p = net.Network.ParameterCount;
        int samples = net.Samples;
        Span<T> gradient = new(_workspace.Take(DenseScratch.Second, p), p);
        double[] wide = new double[p];
        for (int n = 0; n < samples; n++)
        {
            fixed (T* g = gradient)
            {
                SampleGradient(net, n, g);
            }

            Widen(gradient, wide);
            for (int i = 0; i < count; i++)
            {
                Span<double> u = pairs.Slice((i * (1 + p)) + 1, p);
                double weight = vectors[(i * samples) + n];
                TensorPrimitives.FusedMultiplyAdd<double>(wide, weight, u, u);
            }
        }
    }
}
