using System.Numerics;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

// All eigenvalues.
internal sealed partial class CudaOperations<T>
{
    // PANEL of eigenvalues.cu: reflections kept back, each as two vectors, and the row at hand. STRIP: columns whose sums are a vector.
    private const int EigenPanel = 16;
    private const int EigenStrip = 32;
    private const int MostEigenThreads = 256;

    public void HessianSpectrum(Points points, Span<double> eigenvalues) =>
        AssembledSpectrum(points, exact: true, eigenvalues);

    public void GgnSpectrum(Points points, Span<double> eigenvalues) =>
        AssembledSpectrum(points, exact: false, eigenvalues);

    public void LayerSpectra(Points points, Span<double> eigenvalues)
    {
        Network network = points.Network;
        int largest = 0;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            largest = Math.Max(largest, network.WeightOffset(layer + 1) - network.WeightOffset(layer));
        }

        Each(
            points,
            eigenvalues,
            network.ParameterCount,
            count =>
                [
                    CurvatureBytes(points, count),
                    MatrixBytes(points, count),
                    (long)count * largest * largest * NumberBytes,
                    .. EigenBytes(count, largest),
                ],
            (batch, results) =>
            {
                int p = network.ParameterCount;
                Assemble(batch, exact: true, layersOnly: true);
                for (int layer = 1; layer <= network.Layers; layer++)
                {
                    int first = network.WeightOffset(layer);
                    int size = network.WeightOffset(layer + 1) - first;
                    batch.Device.Launch(
                        Matrices(batch),
                        "diagonal_block",
                        (Pieces((long)size * size), batch.Count),
                        ElementThreads,
                        0,
                        batch[1],
                        batch[2],
                        p,
                        first,
                        size
                    );
                    double[] values = new double[batch.Count * size];
                    Eigenvalues(batch, 2, size, values);
                    for (int replica = 0; replica < batch.Count; replica++)
                    {
                        values.AsSpan(replica * size, size).CopyTo(results[((replica * p) + first)..]);
                    }
                }
            }
        );
    }

    public void ResidualSpectrum(Points points, Span<double> eigenvalues)
    {
        int p = points.Network.ParameterCount;
        Each(
            points,
            eigenvalues,
            p,
            count =>
                [
                    CurvatureBytes(points, count),
                    MatrixBytes(points, count),
                    .. EigenBytes(count, p),
                    (long)count * points.Samples * p * NumberBytes,
                ],
            (batch, results) =>
            {
                Assemble(batch, exact: true);
                SampleGradients(batch, batch[6]);
                SecondMoment(batch, batch[6], batch[1], subtract: true);
                Eigenvalues(batch, 1, p, results);
            }
        );
    }

    public void SecondMomentSpectrum(Points points, Span<double> eigenvalues) =>
        GradientSpectrum(points, centred: false, eigenvalues);

    public void GradientCovarianceSpectrum(Points points, Span<double> eigenvalues) =>
        GradientSpectrum(points, centred: true, eigenvalues);

    private static long[] EigenBytes(long count, int order) =>
        [
            2 * count * order * sizeof(double),
            count * sizeof(double),
            count * ((2 * EigenPanel) + 1 + ((order + EigenStrip - 1) / EigenStrip)) * order * NumberBytes,
            count * order * NumberBytes,
        ];

    /// <summary>M, or M - H in the place of H, from gradients (R,N,P).</summary>
    private static void SecondMoment(
        PointsBatch<T> batch,
        DeviceMemory gradients,
        DeviceMemory matrix,
        bool subtract
    ) =>
        batch.Device.Launch(
            Matrices(batch),
            "second_moment",
            (PointsBatch<T>.Tiles(batch.ParameterCount, batch.ParameterCount), batch.Count),
            ProductThreads,
            0,
            gradients,
            matrix,
            batch.Samples,
            batch.ParameterCount,
            subtract ? 1 : 0
        );

    /// <summary>Eigenvalues of the matrices in array number `matrix`, which are overwritten; the four arrays behind it are work space.</summary>
    private void Eigenvalues(PointsBatch<T> batch, int matrix, int order, Span<double> eigenvalues)
    {
        if (batch.Device.Solver is { } solver)
        {
            LibraryEigenvalues(batch, solver, matrix, order, eigenvalues);
            return;
        }

        int threads = Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)order), 32, MostEigenThreads);
        KernelModule module = batch.Device.Module(
            new KernelProgram([("REAL", RealName), ("THREADS", $"{threads}")], "eigenvalues.cu")
        );
        batch.Device.Launch(
            module,
            "tridiagonal_form",
            (batch.Count, 1),
            threads,
            0,
            batch[matrix],
            batch[matrix + 1],
            batch[matrix + 2],
            batch[matrix + 3],
            order
        );
        batch.Device.Launch(
            module,
            "tridiagonal_eigenvalues",
            (Pieces(order), batch.Count),
            ElementThreads,
            0,
            batch[matrix + 1],
            batch[matrix + 2],
            batch[matrix + 4],
            order
        );
        batch.Give(batch[matrix + 4], eigenvalues);
    }

    private void AssembledSpectrum(Points points, bool exact, Span<double> eigenvalues)
    {
        int p = points.Network.ParameterCount;
        Each(
            points,
            eigenvalues,
            p,
            count => [CurvatureBytes(points, count), MatrixBytes(points, count), .. EigenBytes(count, p)],
            (batch, results) =>
            {
                Assemble(batch, exact);
                Eigenvalues(batch, 1, p, results);
            }
        );
    }

    // The smaller of Gram/N (N x N) and M (P x P), which have the same non-zero eigenvalues.
    private void GradientSpectrum(Points points, bool centred, Span<double> eigenvalues)
    {
        int p = points.Network.ParameterCount;
        int order = Math.Min(points.Samples, p);
        bool gradients = centred || points.Samples > p;
        Each(
            points,
            eigenvalues,
            order,
            count =>
                [
                    (long)count * order * order * NumberBytes,
                    .. EigenBytes(count, order),
                    gradients ? (long)count * points.Samples * p * NumberBytes : 0,
                ],
            (batch, results) =>
            {
                if (!gradients)
                {
                    GramMatrix(batch, batch[0], batch.Samples);
                    Eigenvalues(batch, 0, order, results);
                    return;
                }

                SampleGradients(batch, batch[5]);
                if (centred)
                {
                    batch.Device.Launch(
                        Matrices(batch),
                        "centre_gradients",
                        (Pieces(p), batch.Count),
                        ElementThreads,
                        0,
                        batch[5],
                        batch.Samples,
                        p
                    );
                }

                if (batch.Samples > p)
                {
                    SecondMoment(batch, batch[5], batch[0], subtract: false);
                }
                else
                {
                    batch.Device.Launch(
                        Matrices(batch),
                        "row_products",
                        (PointsBatch<T>.Tiles(batch.Samples, batch.Samples), batch.Count),
                        ProductThreads,
                        0,
                        batch[5],
                        batch[0],
                        batch.Samples,
                        p
                    );
                }

                Eigenvalues(batch, 0, order, results);
            }
        );
    }
}
