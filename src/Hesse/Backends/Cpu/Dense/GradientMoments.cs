using System.Numerics.Tensors;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    // Per-sample gradients held at a time.
    private const int MomentSamples = 128;

    // Rows of the matrix updated at a time: what lies right of their diagonal block is left out.
    private const int MomentRows = 96;

    /// <summary>
    /// (1/N) Gram, whose eigenvalues are those of M that can be non-zero when N &lt;= P; centred, (1/N) (I - 11^T/N) Gram
    /// (I - 11^T/N), those of C. (N,N), both triangles. Row means: sums in ascending order.
    /// </summary>
    private void ScaledGram(DenseNet<T> net, bool centred, T* matrix)
    {
        int samples = net.Samples;
        T count = T.CreateTruncating(samples);
        FillGram(net, matrix);
        if (centred)
        {
            Centre(matrix, samples, count);
        }

        for (int row = 0; row < samples; row++)
        {
            Span<T> values = new(matrix + (row * (nint)samples), samples);
            TensorPrimitives.Divide(values, count, values);
        }
    }

    /// <summary>matrix[i,j] -= mean_i + mean_j - mean, for a symmetric matrix.</summary>
    private void Centre(T* matrix, int order, T count)
    {
        Span<T> means = new(_workspace.Take(DenseScratch.Second, order), order);
        means.Clear();
        for (int row = 0; row < order; row++)
        {
            TensorPrimitives.Add(means, new ReadOnlySpan<T>(matrix + (row * (nint)order), order), means);
        }

        TensorPrimitives.Divide(means, count, means);
        T mean = T.Zero;
        foreach (T x in means)
        {
            mean += x;
        }

        mean /= count;
        for (int row = 0; row < order; row++)
        {
            Span<T> values = new(matrix + (row * (nint)order), order);
            TensorPrimitives.Subtract(values, means, values);
            TensorPrimitives.Subtract(values, means[row] - mean, values);
        }
    }

    /// <summary>
    /// (1/N) sum_n g_n g_n^T, or the same of g_n - g: the P x P matrix itself, for P &lt; N. Lower triangle (and some of the
    /// upper); samples ascending in every element.
    /// </summary>
    private void GradientMoments(DenseNet<T> net, bool centred, T* matrix)
    {
        ForwardBackward<TVector, T>.Rows(net);
        int p = net.Network.ParameterCount;
        nint stride = DenseNet<T>.Padded(p);
        T count = T.CreateTruncating(net.Samples);
        T* block = _workspace.Take(DenseScratch.Second, MomentSamples * stride);
        Span<T> mean = new(_workspace.Take(DenseScratch.Vector, p), p);
        if (centred)
        {
            fixed (T* sum = mean)
            {
                SumGradients(net, ProductScratch, sum, continues: false);
            }

            TensorPrimitives.Divide(mean, count, mean);
        }

        for (int from = 0; from < net.Samples; from += MomentSamples)
        {
            int samples = Math.Min(MomentSamples, net.Samples - from);
            for (int n = 0; n < samples; n++)
            {
                SampleGradient(net, from + n, block + (n * stride));
                Span<T> gradient = new(block + (n * stride), p);
                if (centred)
                {
                    TensorPrimitives.Subtract(gradient, mean, gradient);
                }
            }

            for (int row = 0; row < p; row += MomentRows)
            {
                int rows = Math.Min(MomentRows, p - row);
                Gemm<TVector, T>.Multiply(
                    rows,
                    row + rows,
                    samples,
                    new(block + row, 1, stride),
                    new(block, stride),
                    new(matrix + (row * (nint)p), p),
                    from > 0,
                    ProductScratch
                );
            }
        }

        for (int row = 0; row < p; row++)
        {
            Span<T> values = new(matrix + (row * (nint)p), row + 1);
            TensorPrimitives.Divide(values, count, values);
        }
    }
}
