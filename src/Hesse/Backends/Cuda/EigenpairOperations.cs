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
        if (points.Network.ParameterCount <= EigenpairRequest.ExactUpTo)
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
                double[] values = new double[batch.Count * order];
                double[] vectors = AllPairs(matrices, order, values);
                int room = gram ? n : p;
                double[] wanted = new double[(long)batch.Count * count * room];
                for (int i = 0; i < batch.Count * count; i++)
                {
                    int row = (i / count * order) + order - 1 - (i % count);
                    vectors.AsSpan(row * order, order).CopyTo(wanted.AsSpan(i * room));
                }

                if (gram)
                {
                    batch.Device.Upload<double>(wanted, batch[2]);
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
                    wanted = new double[(long)batch.Count * count * p];
                    batch.Device.Download<double>(batch[3], wanted);
                }

                for (int i = 0; i < batch.Count * count; i++)
                {
                    results[i * (1 + p)] = values[(i / count * order) + order - 1 - (i % count)];
                    wanted.AsSpan(i * p, p).CopyTo(results.Slice((i * (1 + p)) + 1, p));
                }

                for (int replica = 0; replica < batch.Count; replica++)
                {
                    MomentPairs.Normalise(p, n, count, results.Slice(replica * count * (1 + p), count * (1 + p)));
                }
            }
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

                double[] values = new double[batch.Count * p];
                double[] vectors = AllPairs(matrices, p, values);
                for (int replica = 0; replica < batch.Count; replica++)
                {
                    ExtremePairs.FromAll(
                        request,
                        matrices.AsSpan(replica * p * p, p * p),
                        values.AsSpan(replica * p, p),
                        vectors.AsSpan(replica * p * p, p * p),
                        results.Slice(replica * width, width)
                    );
                }
            }
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
                        ExtremePairs.ByLanczos(request, batch.First + replica, p, Multiply, rows[replica]);
                    }
                    catch (BarrierPostPhaseException failure) when (failure.InnerException is { } cause)
                    {
                        ExceptionDispatchInfo.Throw(cause);
                    }
                    finally
                    {
                        // The others go on without this one.
                        allAsked.RemoveParticipant();
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

    /// <summary>All eigenpairs of matrices (R,order,order): values (R,order) ascending, vectors in rows. By the processor's threads.</summary>
    private double[] AllPairs(double[] matrices, int order, double[] values)
    {
        int square = order * order;
        double[] vectors = new double[matrices.LongLength];
        host(
            matrices.Length / square,
            replica =>
            {
                using EigenWorkspace<double> workspace = new(order, vectors: true);
                SymmetricEigen.ValuesAndVectors<double>(
                    matrices.AsSpan(replica * square, square),
                    order,
                    values.AsSpan(replica * order, order),
                    vectors.AsSpan(replica * square, square),
                    workspace
                );
            }
        );
        return vectors;
    }
}
