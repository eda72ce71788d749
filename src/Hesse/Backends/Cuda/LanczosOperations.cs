using Hesse.Eigen;

namespace Hesse.Backends.Cuda;

// Lanczos' method for many vectors at once: products, Krylov vectors and their reorthogonalisation stay on the device.
internal sealed partial class CudaOperations<T>
{
    private const int KrylovThreads = 256;

    public void LanczosQuadrature(Points points, QuadratureRequest request, Span<double> nodesAndWeights)
    {
        int p = points.Network.ParameterCount;
        int steps = Math.Min(request.Iterations, p);
        int part = ChangePart(points, request.Probes);
        Each(
            points,
            nodesAndWeights,
            2L * request.Probes * request.Iterations,
            count =>
                [
                    ChangeBytes(points, count, part),
                    (long)count * part * p * NumberBytes, // vectors
                    (long)count * part * p * NumberBytes, // products
                    (long)count * part * p * sizeof(double), // what becomes the next vector
                    (long)count * part * steps * p * sizeof(double), // bases
                    2L * count * part * steps * sizeof(double), // coefficients
                    (long)count * part * sizeof(double), // scales
                ],
            (batch, results) =>
            {
                batch.Pass(batch.Samples);
                for (int done = 0; done < request.Probes; done += part)
                {
                    Quadratures(batch, request, done, Math.Min(part, request.Probes - done), steps, results);
                }
            },
            MostBlocksDown / part
        );
    }

    /// <summary>The rules of `count` probes from number `first` on, for all replicas of a batch.</summary>
    private static void Quadratures(
        PointsBatch<T> batch,
        QuadratureRequest request,
        int first,
        int count,
        int steps,
        Span<double> results
    )
    {
        int p = batch.ParameterCount;
        double[] probes = new double[(long)batch.Count * count * p];
        for (int i = 0; i < batch.Count * count; i++)
        {
            request.Probe(batch.First + (i / count), first + (i % count), probes.AsSpan(i * p, p));
        }

        batch.Device.Upload<double>(probes, batch[3]);
        Step(-1);
        for (int step = 0; step < steps; step++)
        {
            Products(batch, batch[1], 0, count, count * p, batch[0], batch[2], exact: true);
            Step(step);
        }

        double[] coefficients = new double[2 * batch.Count * count * steps];
        batch.Device.Download<double>(batch[5], coefficients);
        int length = request.Probes * request.Iterations;
        for (int i = 0; i < batch.Count * count; i++)
        {
            Span<double> diagonal = coefficients.AsSpan(2 * i * steps, steps);
            Span<double> beside = coefficients.AsSpan(((2 * i) + 1) * steps, steps);
            int made = 1;
            while (made < steps && beside[made - 1] != 0 && double.IsFinite(beside[made - 1]))
            {
                made++;
            }

            Span<double> own = results.Slice(i / count * 2 * length, 2 * length);
            int at = (first + (i % count)) * request.Iterations;
            Quadrature.FromTridiagonal(
                diagonal[..made],
                beside[..made],
                own.Slice(at, request.Iterations),
                own.Slice(length + at, request.Iterations)
            );
        }

        void Step(int step) =>
            batch.Device.Launch(
                batch.Device.Module(
                    new KernelProgram([("REAL", RealName), ("THREADS", $"{KrylovThreads}")], "lanczos_quadrature.cu")
                ),
                "lanczos_step",
                ((long)batch.Count * count, 1),
                KrylovThreads,
                steps * sizeof(double),
                batch[2],
                batch[3],
                batch[4],
                batch[1],
                batch[5],
                batch[6],
                p,
                steps,
                step
            );
    }
}
