using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Backends.Cpu;

/// <summary>
/// Memory that a thread of this backend takes once and keeps: the expressions are those of the constructors. What has the same name is the
/// same memory, whatever asks for it. A class: LINQ over values would be compiled for them alone at every start (docs/decisions/0008).
/// </summary>
/// <param name="Name">What it is for.</param>
/// <param name="Bytes">How much.</param>
internal sealed record ThreadSpace(string Name, long Bytes)
{
    // Vectors of the length of a matrix's order that a tridiagonalisation takes beside the packed triangle: panels, coefficients, values.
    private const long PanelVectors = (3L * 2 * EigenWorkspace<double>.PanelWidth) + 8;

    // And of a large one, whose eigenvalues come by way of a band: products, the band, sweeps.
    private const long BandVectors = EigenWorkspace<double>.PanelWidth * 7 / 2;

    /// <summary>Bytes of a register of this machine.</summary>
    public static int RegisterBytes =>
        Vector512.IsHardwareAccelerated ? 64
        : Vector256.IsHardwareAccelerated ? 32
        : 16;

    /// <summary>Bytes of a number.</summary>
    public static int SizeOf(Precision precision) => precision == Precision.Float32 ? sizeof(float) : sizeof(double);

    /// <summary>Bytes of a thread that holds all of these.</summary>
    public static long Sum(IEnumerable<ThreadSpace> spaces) =>
        spaces.GroupBy(space => space.Name, StringComparer.Ordinal).Sum(same => same.Max(space => space.Bytes));

    /// <summary>What a thread trains with, and evaluates the losses.</summary>
    public static IEnumerable<ThreadSpace> OfTraining(TrainingProblem problem)
    {
        (Network network, int size) = (problem.Network, SizeOf(problem.Precision));
        int batch = new BatchIndices(problem.Seed, problem.Data.Samples, problem.Batch).LargestBatch;
        yield return CpuBackend.TrainsInLanes(problem)
            ? new("training", RegisterBytes * LaneScratch<Register128<float>, float>.Length(network, batch))
            : new(
                "training",
                DenseNetBytes(network, Math.Min(batch, DenseTraining<Register128<float>, float>.LargestPiece), size)
                    + DenseNetBytes(network, DenseTraining<Register128<float>, float>.LargestPiece, size)
                    + ProductScratch(size)
                    + ((long)network.ParameterCount * size)
            );
    }

    /// <summary>A net with its samples and first derivatives.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    /// <param name="precision">Of the numbers.</param>
    public static IEnumerable<ThreadSpace> OfNet(Network network, int samples, Precision precision)
    {
        int size = SizeOf(precision);
        yield return new($"net {precision}", DenseNetBytes(network, samples, size) + ProductScratch(size));
    }

    /// <summary>A net with what a Hessian is assembled from.</summary>
    public static IEnumerable<ThreadSpace> OfAssembly(Network network, int samples, Precision precision)
    {
        int size = SizeOf(precision);
        ReadOnlySpan<int> widths = network.Widths;
        (long factors, long largest, long hidden) = (0, 0, 0);
        int widest = widths[0];
        for (int m = 1; m <= network.Layers; m++)
        {
            factors += (long)widths[m] * widths[m];
            factors += m < network.Layers ? (long)widths[m] * widths[m + 1] : 0;
            hidden += m < network.Layers ? widths[m] : 0;
            widest = Math.Max(widest, widths[m]);
            for (int l = 1; l <= m; l++)
            {
                largest = Math.Max(largest, (long)widths[l] * widths[m]);
            }
        }

        long stride = Stride(samples, size);
        long blocks = Math.Min(
            HessianFactors<Register128<double>, double>.BudgetBytes,
            (factors + (3 * largest)) * stride * size
        );
        // Second derivatives of the activations, W^T delta; a packed layer and the rows of a Jacobian.
        return
        [
            .. OfNet(network, samples, precision),
            new($"factors {precision}", blocks + (((2 * hidden) + (2L * widest)) * stride * size)),
        ];
    }

    /// <summary>What products with the Hessian take: a net, and directional derivatives beside it.</summary>
    public static IEnumerable<ThreadSpace> OfProducts(Network network, int samples, Precision precision)
    {
        int size = SizeOf(precision);
        long stride = Stride(samples, size);
        long units = 0;
        long hidden = 0;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            units += network.Widths[layer];
            hidden += layer < network.Layers ? network.Widths[layer] : 0;
        }

        long vectors = precision == Precision.Float64 ? 0 : 2L * network.ParameterCount;
        return
        [
            .. OfNet(network, samples, precision),
            new($"factors {precision}", 2 * hidden * stride * size),
            new($"directions {precision}", ((4 * units * stride) + vectors) * size),
        ];
    }

    /// <summary>The same for vectors that are multiplied at once: small nets go a register of replicas at a time.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    /// <param name="precision">Of the numbers.</param>
    /// <param name="many">Whether there are many vectors at a point, or one after the other as Lanczos' method asks for them.</param>
    public static IEnumerable<ThreadSpace> OfBlocks(Network network, int samples, Precision precision, bool many) =>
        LaneFootprint.Fits(network, samples, many)
            ?
            [
                .. OfProducts(network, samples, precision),
                new(
                    $"block {precision}",
                    RegisterBytes * LaneProducts<Register128<double>, double>.Length(network, samples)
                ),
            ]
            : OfProducts(network, samples, precision);

    /// <summary>A symmetric matrix and the work space of its eigenvalues, of small ones a register of matrices.</summary>
    /// <param name="order">n</param>
    /// <param name="precision">Of the numbers.</param>
    /// <param name="matrices">Matrices of this order.</param>
    public static IEnumerable<ThreadSpace> OfSpectrum(long order, Precision precision, int matrices = 1)
    {
        bool lanes = order <= DenseOperations.LargestLaneOrder && matrices == 1;
        return lanes
            ?
            [
                new($"matrix {precision}", order * order * RegisterBytes),
                new($"eigenvalues of lanes {precision}", ((order * (order + 1) / 2) + (9 * order)) * RegisterBytes),
            ]
            :
            [
                .. OfMatrix(order, precision, matrices),
                .. OfEigenvalues(order, precision),
                // Tridiagonal matrices and values of two registers of matrices.
                new($"spectra in lanes {precision}", matrices == 1 ? 6 * order * RegisterBytes : 0),
            ];
    }

    /// <summary>What a Gram matrix is computed from: a net, packed factors of some rows and of a panel of columns, these rows.</summary>
    public static IEnumerable<ThreadSpace> OfGram(Network network, int samples, Precision precision)
    {
        int size = SizeOf(precision);
        long factors = DenseOperations<Register128<float>, float>.Factors(network);
        long rows =
            size == sizeof(float)
                ? DenseOperations<Register128<float>, float>.RowsOfStrip(network)
                : DenseOperations<Register128<double>, double>.RowsOfStrip(network);
        long numbers = rows * (factors + Stride(samples, size));
        return
        [
            .. OfNet(network, samples, precision),
            new($"gram {precision}", (numbers * size) + (2 * RegisterBytes * factors)),
        ];
    }

    /// <summary>Square matrices.</summary>
    public static IEnumerable<ThreadSpace> OfMatrix(long order, Precision precision, int matrices = 1) =>
        [new($"matrix {precision}", matrices * order * order * SizeOf(precision))];

    /// <summary>A second matrix beside a larger one.</summary>
    public static IEnumerable<ThreadSpace> OfCopy(long order, Precision precision) =>
        [new($"second matrix {precision}", order * order * SizeOf(precision))];

    /// <summary>The work space of eigenvalues beside the matrix: its triangle, packed, and panels.</summary>
    public static IEnumerable<ThreadSpace> OfEigenvalues(long order, Precision precision) =>
        [new($"eigenvalues {precision}", ReductionNumbers(order, SizeOf(precision)) * SizeOf(precision))];

    /// <summary>Some eigenpairs of the Hessian, always in double.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    /// <param name="count">How many.</param>
    /// <param name="method">How they are found.</param>
    public static IEnumerable<ThreadSpace> OfEigenpairs(
        Network network,
        int samples,
        int count,
        EigenpairMethod method = EigenpairMethod.Automatic
    )
    {
        long p = network.ParameterCount;
        if (EigenpairRequest.Assembles(method, network.ParameterCount))
        {
            return [.. OfAssembly(network, samples, Precision.Float64), .. OfPairs(network.ParameterCount, count)];
        }

        bool lanes = LaneFootprint.Fits(network, samples, many: false);
        // The basis with what is next in it, image and scaled direction; V^T A V twice and the most that its eigenpairs take.
        long capacity = Lanczos.Capacity((int)p, count);
        long run = ((capacity + 2) * p) + (7 * capacity * capacity);
        return
        [
            .. OfBlocks(network, samples, Precision.Float64, many: false),
            new("basis", run * (lanes ? RegisterBytes : sizeof(double))),
        ];
    }

    /// <summary>
    /// Some eigenpairs of the second moment, in double: its Gram matrix or itself, or, where those are large, what Lanczos' method takes. Its basis is that of the
    /// Hessian's pairs, which are asked for with it.
    /// </summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    /// <param name="count">How many.</param>
    public static IEnumerable<ThreadSpace> OfMomentPairs(Network network, int samples, int count)
    {
        int p = network.ParameterCount;
        int order = Math.Min(samples, p);
        if (order <= MomentPairs.AssembledUpTo)
        {
            return [.. OfMatrix(order, Precision.Float64), .. OfPairs(order, count)];
        }

        // Vector and product, a layer's changes and its weighted deltas, <g_n, v>; the pairs as they are written.
        long widest = System.Numerics.Tensors.TensorPrimitives.Max(network.Widths[1..]);
        long working = p + (((2 * widest) + 1) * Stride(samples, sizeof(double))) + ((long)count * p);
        return [.. OfNet(network, samples, Precision.Float64), new("moment products", working * sizeof(double))];
    }

    /// <summary>Some eigenpairs of a whole matrix in double, from its tridiagonal form or from all of them.</summary>
    public static IEnumerable<ThreadSpace> OfPairs(int order, int count)
    {
        long n = order;
        long triangle = ReductionNumbers(n, sizeof(double)) + (count * n);
        bool few = SymmetricExtremes.TakesFew(order, count);
        long found = triangle + (few ? count * n : 2 * n * n);
        return [new("whole", n * n * sizeof(double)), new(few ? "some pairs" : "all pairs", found * sizeof(double))];
    }

    /// <summary>Lanczos' quadrature, in double: the basis of one probe vector, the vector and its image.</summary>
    public static IEnumerable<ThreadSpace> OfQuadrature(Network network, int samples, int iterations) =>
        [
            .. OfProducts(network, samples, Precision.Float64),
            new("basis", (Math.Min(iterations, network.ParameterCount) + 2L) * network.ParameterCount * sizeof(double)),
        ];

    // Numbers that the reduction of a matrix takes beside it: the triangle, packed, and panels.
    private static long ReductionNumbers(long order, int size)
    {
        int large =
            size == sizeof(float)
                ? EigenWorkspace<float>.OrderOfLargeTriangle()
                : EigenWorkspace<double>.OrderOfLargeTriangle();
        long vectors = PanelVectors + (order >= large ? BandVectors : 0);
        return (order * (order + 1) / 2) + (vectors * order);
    }

    private static long Stride(int samples, int size) =>
        size == sizeof(float) ? DenseNet<float>.Padded(samples) : DenseNet<double>.Padded(samples);

    private static long DenseNetBytes(Network network, int samples, int size) =>
        size
        * (
            size == sizeof(float) ? DenseNet<float>.Length(network, samples) : DenseNet<double>.Length(network, samples)
        );

    private static long ProductScratch(int size) =>
        (RegisterBytes, size) switch
        {
            (64, sizeof(float)) => size * Gemm<Register512<float>, float>.ScratchLength,
            (64, _) => size * Gemm<Register512<double>, double>.ScratchLength,
            (32, sizeof(float)) => size * Gemm<Register256<float>, float>.ScratchLength,
            (32, _) => size * Gemm<Register256<double>, double>.ScratchLength,
            (_, sizeof(float)) => size * Gemm<Register128<float>, float>.ScratchLength,
            _ => size * Gemm<Register128<double>, double>.ScratchLength,
        };
}
