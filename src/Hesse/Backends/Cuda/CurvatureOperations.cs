using Hesse.Networks;

namespace Hesse.Backends.Cuda;

// What is assembled by layers.
internal sealed partial class CudaOperations<T>
{
    private const int ProductThreads = 128;
    private const int SampleLanes = 32;

    private static readonly string[] s_hessianFiles = ["hessian_factors.cu", "hessian.cu"];

    public void Hessian(Points points, Span<double> hessian) => Assembled(points, exact: true, hessian);

    public void Ggn(Points points, Span<double> ggn) => Assembled(points, exact: false, ggn);

    public void HessianDiagonal(Points points, Span<double> diagonal)
    {
        long width = points.Network.ParameterCount;
        Each(
            points,
            diagonal,
            width,
            count => [CurvatureBytes(points, count), count * width * NumberBytes],
            static (batch, results) =>
            {
                batch.Pass(batch.Samples);
                KernelModule module = batch.Module(s_hessianFiles);
                Factorise(batch, module, exact: true, pairs: false);
                batch.Device.Launch(
                    module,
                    "hessian_diagonal",
                    (Pieces(batch.ParameterCount), batch.Count),
                    ElementThreads,
                    0,
                    batch.Factors,
                    batch[0],
                    batch[1],
                    batch.Samples
                );
                batch.Give(batch[1], results);
            }
        );
    }

    public void FrobeniusNorm(Points points, Span<double> norms)
    {
        int p = points.Network.ParameterCount;
        Each(
            points,
            norms,
            1,
            count => [CurvatureBytes(points, count), MatrixBytes(points, count), 2L * count * p * sizeof(double)],
            static (batch, results) =>
            {
                int order = batch.ParameterCount;
                Assemble(batch, exact: true);
                batch.Device.Launch(
                    Matrices(batch),
                    "squared_columns",
                    (Pieces(order), batch.Count),
                    ElementThreads,
                    0,
                    batch[1],
                    batch[2],
                    order
                );
                double[] sums = new double[2 * batch.Count * order];
                batch.Device.Download<double>(batch[2], sums);
                for (int replica = 0; replica < batch.Count; replica++)
                {
                    // ||H||_F^2 = sum_j (H_jj^2 + 2 sum_{i < j} H_ij^2), columns ascending.
                    double squares = 0;
                    for (int column = 0; column < order; column++)
                    {
                        int at = 2 * ((replica * order) + column);
                        squares = Math.FusedMultiplyAdd(2, sums[at], squares + sums[at + 1]);
                    }

                    results[replica] = Math.Sqrt(squares);
                }
            }
        );
    }

    private static long MatrixBytes(Points points, long count) =>
        count * points.Network.ParameterCount * points.Network.ParameterCount * NumberBytes;

    // CURVATURE_ROWS of hessian_layout.cuh.
    private static long CurvatureBytes(Points points, long count)
    {
        Network network = points.Network;
        ReadOnlySpan<int> widths = network.Widths;
        long rows = 0;
        for (int m = 1; m <= network.Layers; m++)
        {
            rows += (long)widths[m] * widths[m];
            rows += m < network.Layers ? (long)widths[m] * widths[m + 1] : 0;
            for (int l = 1; l < m; l++)
            {
                rows += (long)widths[l] * widths[m];
                rows += m > l + 1 ? (long)widths[l] * widths[m - 1] : 0;
            }
        }

        return count * rows * points.Samples * NumberBytes;
    }

    /// <summary>Tiles of hessian.cu: for each (l,i) and m >= l the strips of d_{l-1}+1 rows by the columns of layer m.</summary>
    private static long HessianTiles(PointsBatch<T> batch, bool layersOnly)
    {
        long tiles = 0;
        for (int l = 1; l <= batch.Network.Layers; l++)
        {
            for (int m = l; m <= (layersOnly ? l : batch.Network.Layers); m++)
            {
                tiles +=
                    batch.Network.Widths[l]
                    * PointsBatch<T>.Tiles(batch.Inputs(l), (long)batch.Network.Widths[m] * batch.Inputs(m));
            }
        }

        return tiles;
    }

    private static void Factorise(PointsBatch<T> batch, KernelModule module, bool exact, bool pairs) =>
        batch.Device.Launch(
            module,
            "hessian_factors",
            ((batch.Samples + SampleLanes - 1) / SampleLanes, batch.Count),
            ProductThreads,
            0,
            batch.Parameters,
            batch.Factors,
            batch[0],
            batch.Samples,
            exact ? 1 : 0,
            pairs ? 1 : 0
        );

    /// <summary>H or G to array 1, (R,P,P), by way of array 0; the blocks between layers are left as they are when only the layers' are asked for.</summary>
    private static void Assemble(PointsBatch<T> batch, bool exact, bool layersOnly = false)
    {
        batch.Pass(batch.Samples);
        KernelModule module = batch.Module(s_hessianFiles);
        Factorise(batch, module, exact, pairs: !layersOnly);
        batch.Device.Launch(
            module,
            "hessian",
            (HessianTiles(batch, layersOnly), batch.Count),
            ProductThreads,
            0,
            batch.Factors,
            batch[0],
            batch[1],
            batch.Samples,
            exact ? 1 : 0,
            layersOnly ? 1 : 0
        );
    }

    /// <summary>The kernels of matrices.cu.</summary>
    private static KernelModule Matrices(PointsBatch<T> batch) =>
        batch.Device.Module(new KernelProgram([("REAL", RealName)], "matrices.cu"));

    private static string RealName => NumberBytes == sizeof(float) ? "float" : "double";

    private void Assembled(Points points, bool exact, Span<double> matrix)
    {
        long p = points.Network.ParameterCount;
        Each(
            points,
            matrix,
            p * p,
            count => [CurvatureBytes(points, count), MatrixBytes(points, count)],
            (batch, results) =>
            {
                Assemble(batch, exact);
                batch.Give(batch[1], results);
            }
        );
    }
}
