using Hesse.Networks;

namespace Hesse.Backends.Cuda;

// Products with H and G that assemble neither.
internal sealed partial class CudaOperations<T>
{
    // Changes of vectors that are on the device at once, of one replica.
    private const long MostChangeBytes = 64L << 20;
    private const int MostVectors = 256;

    public unsafe void VectorProducts(Points points, ReadOnlySpan<double> vectors, bool exact, Span<double> products)
    {
        int p = points.Network.ParameterCount;
        int length = products.Length / points.Replicas;
        bool shared = vectors.Length != products.Length;
        if (
            (shared && vectors.Length != length)
            || length % p != 0
            || products.Length != (long)length * points.Replicas
        )
        {
            throw new HesseException(
                ExitCode.BadData,
                $"vectors do not have the shape (V,P) or (R,V,P) with P = {p} and R = {points.Replicas}"
            );
        }

        int number = length / p;
        int part = ChangePart(points, number);
        fixed (double* from = vectors)
        {
            nint given = (nint)from;
            Each(
                points,
                products,
                length,
                count =>
                    [
                        ChangeBytes(points, count, part),
                        (long)(shared ? 1 : count) * length * NumberBytes,
                        (long)count * part * p * NumberBytes,
                    ],
                (batch, results) =>
                {
                    double* own = (double*)given + (shared ? 0 : (long)batch.First * length);
                    batch.Take(new ReadOnlySpan<double>(own, shared ? length : batch.Count * length), batch[1]);
                    batch.Pass(batch.Samples);
                    for (int done = 0; done < number; done += part)
                    {
                        int now = Math.Min(part, number - done);
                        Products(batch, batch[1], done, now, shared ? 0 : length, batch[0], batch[2], exact);
                        double[] some = new double[batch.Count * now * p];
                        batch.Give(batch[2], some);
                        for (int replica = 0; replica < batch.Count; replica++)
                        {
                            some.AsSpan(replica * now * p, now * p)
                                .CopyTo(results[((replica * length) + (done * p))..]);
                        }
                    }
                },
                MostBlocksDown / part
            );
        }
    }

    /// <summary>tr(H C) = (1/N) sum_n (g_n - g)^T H (g_n - g), samples ascending.</summary>
    public void CovarianceCurvatureTrace(Points points, Span<double> traces)
    {
        int p = points.Network.ParameterCount;
        int part = ChangePart(points, points.Samples);
        Each(
            points,
            traces,
            1,
            count =>
                [
                    ChangeBytes(points, count, part),
                    (long)count * points.Samples * p * NumberBytes,
                    (long)count * part * p * NumberBytes,
                    (long)count * part * sizeof(double),
                ],
            (batch, results) =>
            {
                SampleGradients(batch, batch[1]);
                batch.Device.Launch(
                    Matrices(batch),
                    "centre_gradients",
                    (Pieces(p), batch.Count),
                    ElementThreads,
                    0,
                    batch[1],
                    batch.Samples,
                    p
                );
                batch.Pass(batch.Samples);
                results.Clear();
                for (int done = 0; done < batch.Samples; done += part)
                {
                    int now = Math.Min(part, batch.Samples - done);
                    Products(batch, batch[1], done, now, batch.Samples * p, batch[0], batch[2], exact: true);
                    batch.Device.Launch(
                        Matrices(batch),
                        "row_dots",
                        (Pieces(now), batch.Count),
                        ElementThreads,
                        0,
                        batch[1],
                        batch[2],
                        batch[3],
                        p,
                        batch.Samples,
                        done,
                        now
                    );
                    double[] dots = new double[batch.Count * now];
                    batch.Device.Download<double>(batch[3], dots);
                    for (int i = 0; i < dots.Length; i++)
                    {
                        results[i / now] += dots[i];
                    }
                }

                for (int replica = 0; replica < batch.Count; replica++)
                {
                    results[replica] /= batch.Samples;
                }
            },
            MostBlocksDown / part
        );
    }

    // CHANGE_ROWS of vector_products.cu.
    private static long ChangeBytes(Points points, long count, long vectors)
    {
        Network network = points.Network;
        long rows = network.OutputWidth;
        for (int l = 1; l < network.Layers; l++)
        {
            rows += 3L * network.Widths[l];
        }

        return count * vectors * rows * points.Samples * NumberBytes;
    }

    private static int ChangePart(Points points, int vectors) =>
        (int)
            Math.Clamp(
                MostChangeBytes / Math.Max(1, ChangeBytes(points, 1, 1)),
                1,
                Math.Clamp(vectors, 1, MostVectors)
            );

    /// <summary>Products with `count` vectors from number `first` on; the factors of the mean must be there. products (R,count,P).</summary>
    private static void Products(
        PointsBatch<T> batch,
        DeviceMemory vectors,
        int first,
        int count,
        int stride,
        DeviceMemory changes,
        DeviceMemory products,
        bool exact
    )
    {
        KernelModule module = batch.Module("vector_products.cu");
        batch.Device.Launch(
            module,
            "directional_derivatives",
            ((batch.Samples + SampleLanes - 1) / SampleLanes, (long)batch.Count * count),
            ProductThreads,
            0,
            batch.Parameters,
            batch.Factors,
            vectors.Address + ((long)first * batch.ParameterCount * NumberBytes),
            changes,
            batch.Samples,
            count,
            stride,
            exact ? 1 : 0
        );
        batch.Device.Launch(
            module,
            "vector_products",
            (batch.LayerTiles, (long)batch.Count * count),
            ProductThreads,
            0,
            batch.Factors,
            changes,
            products,
            batch.Samples,
            count,
            exact ? 1 : 0
        );
    }
}
