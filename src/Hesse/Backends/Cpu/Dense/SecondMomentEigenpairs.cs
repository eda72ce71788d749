using System.Numerics.Tensors;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    // ||M u - mu u|| over mu: the vectors are as exact as this over the gap to the next eigenvalue.
    private const double MomentTolerance = 1e-9;

    /// <inheritdoc/>
    public void SecondMomentEigenpairs(Points points, int replica, int count, Span<double> pairs)
    {
        DenseNet<T> net = Differentiate(points, replica, single: true);
        int p = net.Network.ParameterCount;
        int samples = net.Samples;
        int order = Math.Min(samples, p);
        // Residuals of single precision do not come to the tolerance; nobody asks for them at such sizes.
        if (order > MomentPairs.AssembledUpTo && typeof(T) == typeof(double))
        {
            ByProducts(net, count, pairs);
            return;
        }

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

    /// <summary>By Lanczos' method with products M v; a pair that has not converged is NaN.</summary>
    private void ByProducts(DenseNet<T> net, int count, Span<double> pairs)
    {
        ForwardBackward<TVector, T>.Rows(net);
        int p = net.Network.ParameterCount;
        double[] values = new double[count];
        double[] vectors = new double[(long)count * p];
        bool[] converged = new bool[count];
        using LanczosRun run = new(
            p,
            count,
            0,
            MomentTolerance,
            (number, vector) => NormalDeviates.Fill(0, 0, (uint)number, 0, RandomStream.LanczosStart, vector),
            _spare
        );
        while (!run.Finished)
        {
            MomentProduct(net, run.Newest, run.Image);
            run.Take();
        }

        run.Write(values, new double[count], vectors, p, converged);
        for (int i = 0; i < count; i++)
        {
            Span<double> pair = pairs.Slice(i * (1 + p), 1 + p);
            pair[0] = values[i];
            vectors.AsSpan(i * p, p).CopyTo(pair[1..]);
            if (!converged[i])
            {
                pair.Fill(double.NaN);
            }
        }

        MomentPairs.Normalise(p, net.Samples, count, pairs);
    }

    /// <summary>M v = (1/N) sum_n &lt;g_n, v&gt; g_n, layer by layer sum_n (&lt;g_n, v&gt; delta_l,n / N) a_{l-1,n}^T.</summary>
    private void MomentProduct(DenseNet<T> net, ReadOnlySpan<double> vector, Span<double> image)
    {
        Network network = net.Network;
        T* direction = _workspace.Take(DenseScratch.Vector, network.ParameterCount);
        TensorPrimitives.ConvertTruncating(vector, new Span<T>(direction, network.ParameterCount));
        T* along = _workspace.Take(DenseScratch.Second, net.Stride);
        Project(net, direction, along);
        TensorPrimitives.Divide(
            new ReadOnlySpan<T>(along, net.Samples),
            T.CreateTruncating(net.Samples),
            new Span<T>(along, net.Samples)
        );
        int widest = TensorPrimitives.Max(network.Widths[1..]);
        T* weighted = _workspace.Take(DenseScratch.DirectionalDeltas, widest * net.Stride);
        T* product = direction; // the direction is not needed any more
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            int inputs = network.Widths[layer - 1];
            int outputs = network.Widths[layer];
            for (int o = 0; o < outputs; o++)
            {
                nint row = o * net.Stride;
                ForwardBackward<TVector, T>.Multiply(along, net.Deltas(layer) + row, weighted + row, net.Stride);
            }

            Gemm<TVector, T>.Multiply(
                outputs,
                inputs,
                net.Samples,
                new(weighted, net.Stride),
                new(net.Rows(layer - 1), net.RowStride(layer - 1)),
                new(product + network.WeightOffset(layer), inputs),
                false,
                ProductScratch
            );
            if (network.HasBias(layer))
            {
                T* bias = product + network.BiasOffset(layer);
                SumOverSamples(net, new(weighted, net.Stride), outputs, ProductScratch, bias, false);
            }
        }

        Widen(new ReadOnlySpan<T>(product, network.ParameterCount), image);
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
