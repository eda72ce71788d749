namespace Hesse.Backends.Cuda;

// What needs one forward and backward pass.
internal sealed partial class CudaOperations<T>
{
    private const int ElementThreads = 128;
    private const int GramTile = 16;

    public void Loss(Points points, Span<double> loss) =>
        Each(points, loss, 1, _ => [], (batch, results) => batch.Evaluate(points.Precision, results, notice));

    public void Logits(Points points, Span<double> logits)
    {
        long width = (long)points.Samples * points.Network.OutputWidth;
        Each(
            points,
            logits,
            width,
            count => [count * width * NumberBytes],
            static (batch, results) =>
            {
                batch.Logits(batch[0]);
                batch.Give(batch[0], results);
            }
        );
    }

    public void Gradient(Points points, Span<double> gradient)
    {
        long width = points.Network.ParameterCount;
        Each(
            points,
            gradient,
            width,
            count => [count * width * NumberBytes],
            static (batch, results) =>
            {
                batch.Pass(batch.Samples);
                batch.Gradient(batch[0]);
                batch.Give(batch[0], results);
            }
        );
    }

    public void PerSampleGradients(Points points, Span<double> gradients)
    {
        long width = (long)points.Samples * points.Network.ParameterCount;
        Each(
            points,
            gradients,
            width,
            count => [count * width * NumberBytes],
            static (batch, results) =>
            {
                SampleGradients(batch, batch[0]);
                batch.Give(batch[0], results);
            }
        );
    }

    public void PerSampleGradientNorms(Points points, Span<double> norms) =>
        Each(
            points,
            norms,
            points.Samples,
            count => [(long)count * points.Samples * NumberBytes],
            static (batch, results) =>
            {
                batch.Pass(1);
                batch.Launch(
                    "per_sample_gradient_norms",
                    Pieces(batch.Samples),
                    ElementThreads,
                    batch.Factors,
                    batch[0],
                    batch.Samples
                );
                batch.Give(batch[0], results);
            }
        );

    public void Gram(Points points, Span<double> gram)
    {
        long width = (long)points.Samples * points.Samples;
        Each(
            points,
            gram,
            width,
            count => [count * width * NumberBytes],
            static (batch, results) =>
            {
                GramMatrix(batch, batch[0], divisor: 1);
                batch.Give(batch[0], results);
            }
        );
    }

    public void SecondMomentDiagonal(Points points, Span<double> diagonal)
    {
        long width = points.Network.ParameterCount;
        Each(
            points,
            diagonal,
            width,
            count => [count * width * NumberBytes],
            static (batch, results) =>
            {
                batch.Pass(1);
                batch.Launch(
                    "second_moment_diagonal",
                    Pieces(batch.ParameterCount),
                    ElementThreads,
                    batch.Factors,
                    batch[0],
                    batch.Samples
                );
                batch.Give(batch[0], results);
            }
        );
    }

    public unsafe void PerSampleGradientProjections(
        Points points,
        ReadOnlySpan<double> vectors,
        Span<double> projections
    )
    {
        int p = points.Network.ParameterCount;
        int each = projections.Length / (points.Replicas * points.Samples);
        long length = (long)each * p;
        bool shared = vectors.Length == length;
        if (!shared && vectors.Length != points.Replicas * length)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"vectors do not have the shape (V,P) or (R,V,P) with V = {each}, P = {p} and R = {points.Replicas}"
            );
        }

        fixed (double* from = vectors)
        {
            nint given = (nint)from;
            Each(
                points,
                projections,
                (long)points.Samples * each,
                count =>
                    [(shared ? 1 : count) * length * NumberBytes, (long)count * points.Samples * each * NumberBytes],
                (batch, results) =>
                {
                    double* own = (double*)given + (shared ? 0 : batch.First * length);
                    batch.Take(
                        new ReadOnlySpan<double>(own, checked((int)((shared ? 1 : batch.Count) * length))),
                        batch[0]
                    );
                    batch.Pass(1);
                    batch.Launch(
                        "per_sample_gradient_projections",
                        Pieces((long)batch.Samples * each),
                        ElementThreads,
                        batch.Factors,
                        batch[0],
                        batch[1],
                        batch.Samples,
                        each,
                        shared ? 0L : length
                    );
                    batch.Give(batch[1], results);
                }
            );
        }
    }

    private static long Pieces(long elements) =>
        Math.Clamp((elements + ElementThreads - 1) / ElementThreads, 1, 1 << 16);

    /// <summary>g_n. (R,N,P)</summary>
    private static void SampleGradients(PointsBatch<T> batch, DeviceMemory gradients)
    {
        batch.Pass(1);
        batch.Launch(
            "per_sample_gradients",
            Pieces((long)batch.Samples * batch.ParameterCount),
            ElementThreads,
            batch.Factors,
            gradients,
            batch.Samples
        );
    }

    /// <summary>&lt;g_i, g_j&gt; / divisor. (R,N,N)</summary>
    private static void GramMatrix(PointsBatch<T> batch, DeviceMemory gram, int divisor)
    {
        batch.Pass(1);
        long across = (batch.Samples + GramTile - 1) / GramTile;
        batch.Launch("gram", across * across, GramTile * GramTile, batch.Factors, gram, batch.Samples, divisor);
    }
}
