using System.Runtime.ExceptionServices;
using Hesse.Eigen;

namespace Hesse.Backends.Cuda;

// Some eigenpairs: matrices, products and combinations of gradients are the device's, what is small is the processor's.
internal sealed partial class CudaOperations<T>
{
    // Replicas whose Krylov spaces, which Eigen/Lanczos keeps in the host's memory, grow together.
    private const int MostKrylovReplicas = 256;
    private const long MostKrylovBytes = 8L << 30;

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
            Math.Min(HostMatrices.Most((long)order * order), MostBlocksDown)
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
            Math.Min(HostMatrices.Most((long)p * p), MostBlocksDown)
        );
    }

    /// <summary>
    /// Lanczos' method with restarts for all replicas of a batch in step: each has a thread that keeps its basis, and when all of them have
    /// a vector to be multiplied the device multiplies them together.
    /// </summary>
    private void KrylovEigenpairs(Points points, EigenpairRequest request, Span<double> pairs)
    {
        int p = points.Network.ParameterCount;
        int width = request.Count * (EigenpairRequest.Heading + p);
        long basis = 2L * Lanczos.Capacity(p, request.Count) * p * sizeof(double);
        Each(
            points,
            pairs,
            width,
            count => [ChangeBytes(points, count, 1), (long)count * p * NumberBytes, (long)count * p * NumberBytes],
            (batch, results) =>
            {
                batch.Pass(batch.Samples);
                T[] vectors = new T[batch.Count * p];
                double[] products = new double[batch.Count * p];
                double[][] rows = new double[batch.Count][];
                using Barrier allAsked = new(
                    batch.Count,
                    _ =>
                    {
                        batch.Device.MakeCurrent();
                        batch.Device.Upload<T>(vectors, batch[1]);
                        Products(batch, batch[1], 0, 1, p, batch[0], batch[2], exact: true);
                        batch.Give(batch[2], products);
                    }
                );
                Devices.Each(batch.Count, Solve);
                batch.Device.MakeCurrent();
                for (int replica = 0; replica < batch.Count; replica++)
                {
                    rows[replica].CopyTo(results[(replica * width)..]);
                }

                void Solve(int replica)
                {
                    rows[replica] = new double[width];
                    try
                    {
                        try
                        {
                            ExtremePairs.ByLanczos(request, batch.First + replica, p, Multiply, rows[replica]);
                        }
                        finally
                        {
                            // The others go on without this one, which may be what they wait for.
                            allAsked.RemoveParticipant();
                        }
                    }
                    catch (BarrierPostPhaseException failure) when (failure.InnerException is { } cause)
                    {
                        ExceptionDispatchInfo.Throw(cause);
                    }

                    void Multiply(ReadOnlySpan<double> vector, Span<double> image)
                    {
                        Span<T> own = vectors.AsSpan(replica * p, p);
                        for (int i = 0; i < p; i++)
                        {
                            own[i] = T.CreateChecked(vector[i]);
                        }

                        allAsked.SignalAndWait();
                        products.AsSpan(replica * p, p).CopyTo(image);
                    }
                }
            },
            (int)Math.Clamp(MostKrylovBytes / basis, 1, MostKrylovReplicas)
        );
    }

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
