using Hesse.Eigen;

namespace Hesse.Backends.Cuda;

// Some eigenpairs: matrices, products and combinations of gradients are the device's, what is small is the processor's.
internal sealed partial class CudaOperations<T>
{
    public void HessianEigenpairs(Points points, EigenpairRequest request, Span<double> pairs)
    {
        if (request.Assembles(points.Network.ParameterCount))
        {
            AssembledEigenpairs(points, request, pairs);
        }
        else
        {
            KrylovEigenpairs(points, request, pairs);
        }
    }

    /// <summary>The smaller of Gram/N and M comes from the device; u = sum w_n g_n is summed there.</summary>
    public void SecondMomentEigenpairs(Points points, int count, Span<double> pairs)
    {
        int p = points.Network.ParameterCount;
        int n = points.Samples;
        int order = Math.Min(n, p);
        bool gram = n <= p;
        Each(
            points,
            pairs,
            (long)count * (1 + p),
            replicas =>
                [
                    (long)replicas * order * order * NumberBytes,
                    (long)replicas * n * p * NumberBytes,
                    gram ? (long)replicas * count * n * sizeof(double) : 0,
                    gram ? (long)replicas * count * p * sizeof(double) : 0,
                ],
            (batch, results) =>
            {
                if (gram)
                {
                    GramMatrix(batch, batch[0], divisor: n);
                }

                SampleGradients(batch, batch[1]);
                if (!gram)
                {
                    SecondMoment(batch, batch[1], batch[0], subtract: false);
                }

                double[] matrices = new double[(long)batch.Count * order * order];
                batch.Give(batch[0], matrices);
                double[] values = new double[batch.Count * count];
                double[] vectors = ExtremesOf(matrices, order, count, 0, values);
                if (gram)
                {
                    batch.Device.Upload<double>(vectors, batch[2]);
                    batch.Device.Launch(
                        Matrices(batch),
                        "combined_rows",
                        (Pieces((long)count * p), batch.Count),
                        ElementThreads,
                        0,
                        batch[1],
                        batch[2],
                        batch[3],
                        n,
                        p,
                        count
                    );
                    vectors = new double[(long)batch.Count * count * p];
                    batch.Device.Download<double>(batch[3], vectors);
                }

                for (int i = 0; i < batch.Count * count; i++)
                {
                    results[i * (1 + p)] = values[i];
                    vectors.AsSpan(i * p, p).CopyTo(results.Slice((i * (1 + p)) + 1, p));
                }

                for (int replica = 0; replica < batch.Count; replica++)
                {
                    MomentPairs.Normalise(p, n, count, results.Slice(replica * count * (1 + p), count * (1 + p)));
                }
            },
            InHostSpace(HostSpace.OfSecondMoment(p, n, count))
        );
    }

    private void AssembledEigenpairs(Points points, EigenpairRequest request, Span<double> pairs)
    {
        int p = points.Network.ParameterCount;
        int width = request.Count * (EigenpairRequest.Heading + p);
        Each(
            points,
            pairs,
            width,
            count => [CurvatureBytes(points, count), MatrixBytes(points, count)],
            (batch, results) =>
            {
                Assemble(batch, exact: true);
                double[] matrices = new double[(long)batch.Count * p * p];
                batch.Give(batch[1], matrices);
                for (int replica = 0; replica < batch.Count; replica++)
                {
                    request.Scale(batch.First + replica, matrices.AsSpan(replica * p * p, p * p));
                }

                double[] values = new double[batch.Count * request.Count];
                double[] vectors = ExtremesOf(matrices, p, request.Largest, request.Smallest, values);
                for (int replica = 0; replica < batch.Count; replica++)
                {
                    ExtremePairs.OfMatrix(
                        request,
                        matrices.AsSpan(replica * p * p, p * p),
                        values.AsSpan(replica * request.Count, request.Count),
                        vectors.AsSpan(replica * request.Count * p, request.Count * p),
                        results.Slice(replica * width, width)
                    );
                }
            },
            InHostSpace(HostSpace.OfHessian(p, request.Count, EigenpairMethod.Exact))
        );
    }

    /// <summary>
    /// Lanczos' method with restarts for all replicas of a batch in step: the device multiplies the newest vectors of all of them together, then the
    /// processor's threads take the products into their bases.
    /// </summary>
    private void KrylovEigenpairs(Points points, EigenpairRequest request, Span<double> pairs)
    {
        int p = points.Network.ParameterCount;
        int width = request.Count * (EigenpairRequest.Heading + p);
        Each(
            points,
            pairs,
            width,
            count => [ChangeBytes(points, count, 1), (long)count * p * NumberBytes, (long)count * p * NumberBytes],
            (batch, results) =>
            {
                batch.Pass(batch.Samples);
                T[] vectors = new T[(long)batch.Count * p];
                double[] products = new double[(long)batch.Count * p];
                double[][] rows = new double[batch.Count][];
                HessianLanczos[] runs = new HessianLanczos[batch.Count];
                int[] unfinished = [.. Enumerable.Range(0, batch.Count)];
                try
                {
                    host(batch.Count, replica => runs[replica] = new HessianLanczos(request, batch.First + replica, p));
                    while (unfinished.Length > 0)
                    {
                        host(unfinished.Length, item => Ask(unfinished[item]));
                        batch.Device.Upload<T>(vectors, batch[1]);
                        Products(batch, batch[1], 0, 1, p, batch[0], batch[2], exact: true);
                        batch.Give(batch[2], products);
                        host(unfinished.Length, item => Take(unfinished[item]));
                        unfinished = [.. unfinished.Where(replica => rows[replica] is null)];
                    }
                }
                finally
                {
                    foreach (HessianLanczos? run in runs)
                    {
                        run?.Dispose();
                    }
                }

                for (int replica = 0; replica < batch.Count; replica++)
                {
                    rows[replica].CopyTo(results[(replica * width)..]);
                }

                void Ask(int replica)
                {
                    ReadOnlySpan<double> direction = runs[replica].Direction();
                    Span<T> own = vectors.AsSpan(replica * p, p);
                    for (int i = 0; i < p; i++)
                    {
                        own[i] = T.CreateChecked(direction[i]);
                    }
                }

                void Take(int replica)
                {
                    HessianLanczos run = runs[replica];
                    products.AsSpan(replica * p, p).CopyTo(run.Image);
                    run.Take();
                    if (run.Finished)
                    {
                        rows[replica] = new double[width];
                        run.Write(rows[replica]);
                    }
                }
            },
            InHostSpace(HostSpace.OfKrylov(p, request.Count))
        );
    }

    // Replicas of a batch each of which takes so many numbers of the processor's memory.
    private int InHostSpace(long numbers) => Math.Min(HostSpace.Replicas(numbers, hostBytes), MostBlocksDown);

    /// <summary>
    /// The largest eigenvalues, descending, then the smallest, ascending, of matrices (R,order,order): values (R,largest + smallest), and the
    /// vectors. By the processor's threads.
    /// </summary>
    private double[] ExtremesOf(double[] matrices, int order, int largest, int smallest, double[] values)
    {
        int square = order * order;
        int count = largest + smallest;
        int replicas = matrices.Length / square;
        double[] vectors = new double[(long)replicas * count * order];
        host(
            replicas,
            replica =>
            {
                using SymmetricExtremes extremes = new();
                extremes.Of(
                    matrices.AsSpan(replica * square, square),
                    order,
                    largest,
                    smallest,
                    values.AsSpan(replica * count, count),
                    vectors.AsSpan(replica * count * order, count * order)
                );
            }
        );
        return vectors;
    }
}
