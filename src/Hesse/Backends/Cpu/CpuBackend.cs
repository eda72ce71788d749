using System.Numerics;
using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Backends.Cpu.Updates;
using Hesse.Backends.Stepwise;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Backends.Cpu;

/// <summary>
/// The SIMD backend. Small nets train with a replica in each lane of a register; nets whose block of lanes would not fit a core's
/// cache, and everything that is dense per replica, one net at a time, vectorised over samples. Which layout trains a net is a
/// function of its shape alone, and both give the same bits (docs/numerics.md, section 7).
/// </summary>
public sealed class CpuBackend : IBackend, IStepwiseBackend
{
    // Numbers a replica may keep near the core in the lane layout: 49,152 x 32 bytes (a register of AVX2) = 1.5 MB, x 64 bytes
    // (AVX-512) = 3 MB. That is up to three second-level caches, but what does not fit streams through them in order; beyond, the
    // dense layout is faster at the usual mini-batches (docs/measurements/scale.md).
    private const long LargestLaneFootprint = 49_152;

    // Vectors at a point from which taking a block of replicas into lanes pays (docs/measurements/cpu.md).
    private const int VectorsWorthLanes = 8;

    private readonly Workers _workers;
    private readonly IDenseOperations?[] _single;
    private readonly IDenseOperations?[] _double;

    /// <summary>Starts the workers.</summary>
    /// <param name="threads">Number of threads, the caller's included; 0 for one a core. No result depends on it.</param>
    public CpuBackend(int threads = 0)
    {
        _workers = new Workers(threads > 0 ? threads : Environment.ProcessorCount);
        _single = new IDenseOperations?[_workers.Count];
        _double = new IDenseOperations?[_workers.Count];
    }

    private delegate void DenseOperation(IDenseOperations operations, int replica, Span<double> result);

    private delegate void DenseGroupOperation(IDenseOperations operations, int first, int count, Span<double> result);

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <summary>Number of threads.</summary>
    public int Threads => _workers.Count;

    /// <inheritdoc/>
    public IReplicas CreateReplicas(Wave wave) =>
        StepwiseRules.CanTrain(wave.Problem) ? ReplicasInTurn.Of(wave, group => StepwiseRules.Create(group, this))
        : wave.Problem.Precision == Precision.Float32
            ? Create<Register512<float>, Register256<float>, Register128<float>, float>(wave)
        : Create<Register512<double>, Register256<double>, Register128<double>, double>(wave);

    /// <inheritdoc/>
    public void Loss(Points points, Span<double> loss) =>
        Each(points, loss, 1, (operations, replica, result) => result[0] = operations.Loss(points, replica));

    /// <inheritdoc/>
    public void Logits(Points points, Span<double> logits) =>
        Each(
            points,
            logits,
            (long)points.Samples * points.Network.OutputWidth,
            (operations, replica, result) => operations.Logits(points, replica, result)
        );

    /// <inheritdoc/>
    public void Gradient(Points points, Span<double> gradient) =>
        Each(
            points,
            gradient,
            points.Network.ParameterCount,
            (operations, replica, result) => operations.Gradient(points, replica, result)
        );

    /// <inheritdoc/>
    public void PerSampleGradients(Points points, Span<double> gradients) =>
        Each(
            points,
            gradients,
            (long)points.Samples * points.Network.ParameterCount,
            (operations, replica, result) => operations.PerSampleGradients(points, replica, result)
        );

    /// <inheritdoc/>
    public void PerSampleGradientNorms(Points points, Span<double> norms) =>
        Each(
            points,
            norms,
            points.Samples,
            (operations, replica, result) => operations.PerSampleGradientNorms(points, replica, result)
        );

    /// <inheritdoc/>
    public void Gram(Points points, Span<double> gram) =>
        Each(
            points,
            gram,
            (long)points.Samples * points.Samples,
            (operations, replica, result) => operations.Gram(points, replica, result)
        );

    /// <inheritdoc/>
    public unsafe void PerSampleGradientProjections(
        Points points,
        ReadOnlySpan<double> vectors,
        Span<double> projections
    )
    {
        int p = points.Network.ParameterCount;
        int count = projections.Length / (points.Replicas * points.Samples);
        bool shared = vectors.Length == count * p;
        if (!shared && vectors.Length != (long)points.Replicas * count * p)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"vectors do not have the shape (V,P) or (R,V,P) with V = {count}, P = {p} and R = {points.Replicas}"
            );
        }

        fixed (double* begin = vectors)
        {
            nint address = (nint)begin;
            Each(
                points,
                projections,
                (long)points.Samples * count,
                (operations, replica, result) =>
                    operations.PerSampleGradientProjections(
                        points,
                        replica,
                        Part(address, replica, shared ? 0 : count * p, count * p),
                        result
                    )
            );
        }
    }

    /// <inheritdoc/>
    public void HessianVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products) =>
        VectorProducts(points, gaussNewton: false, vectors, products);

    /// <inheritdoc/>
    public void GgnVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products) =>
        VectorProducts(points, gaussNewton: true, vectors, products);

    /// <inheritdoc/>
    public void Hessian(Points points, Span<double> hessian) =>
        Each(
            points,
            hessian,
            Square(points),
            (operations, replica, result) => operations.Hessian(points, replica, result)
        );

    /// <inheritdoc/>
    public void Ggn(Points points, Span<double> ggn) =>
        Each(points, ggn, Square(points), (operations, replica, result) => operations.Ggn(points, replica, result));

    /// <inheritdoc/>
    public void HessianDiagonal(Points points, Span<double> diagonal) =>
        Each(
            points,
            diagonal,
            points.Network.ParameterCount,
            (operations, replica, result) => operations.HessianDiagonal(points, replica, result)
        );

    /// <inheritdoc/>
    public void HessianSpectrum(Points points, Span<double> eigenvalues) =>
        Spectra(points, Spectrum.Hessian, points.Network.ParameterCount, eigenvalues);

    /// <inheritdoc/>
    public void GgnSpectrum(Points points, Span<double> eigenvalues) =>
        Spectra(points, Spectrum.Ggn, points.Network.ParameterCount, eigenvalues);

    /// <inheritdoc/>
    public void SecondMomentSpectrum(Points points, Span<double> eigenvalues) =>
        Spectra(points, Spectrum.SecondMoment, Math.Min(points.Samples, points.Network.ParameterCount), eigenvalues);

    /// <inheritdoc/>
    public void GradientCovarianceSpectrum(Points points, Span<double> eigenvalues) =>
        Spectra(
            points,
            Spectrum.GradientCovariance,
            Math.Min(points.Samples, points.Network.ParameterCount),
            eigenvalues
        );

    /// <inheritdoc/>
    public void FrobeniusNorm(Points points, Span<double> norms) =>
        Each(points, norms, 1, (operations, replica, result) => operations.FrobeniusNorm(points, replica, result));

    /// <inheritdoc/>
    public void LayerSpectra(Points points, Span<double> eigenvalues) =>
        Each(
            points,
            eigenvalues,
            points.Network.ParameterCount,
            (operations, replica, result) => operations.LayerSpectra(points, replica, result)
        );

    /// <inheritdoc/>
    public void ResidualSpectrum(Points points, Span<double> eigenvalues) =>
        Each(
            points,
            eigenvalues,
            points.Network.ParameterCount,
            (operations, replica, result) => operations.ResidualSpectrum(points, replica, result)
        );

    /// <inheritdoc/>
    public void SecondMomentDiagonal(Points points, Span<double> diagonal) =>
        Each(
            points,
            diagonal,
            points.Network.ParameterCount,
            (operations, replica, result) => operations.SecondMomentDiagonal(points, replica, result)
        );

    /// <inheritdoc/>
    public unsafe void HessianEigenpairs(Points points, EigenpairRequest request, Span<double> pairs)
    {
        long width = (long)request.Count * (EigenpairRequest.Heading + points.Network.ParameterCount);
        Check(points, pairs.Length, width);
        IDenseOperations first = Operations(points.Precision, 0);
        if (
            request.Assembles(points.Network.ParameterCount)
            || !first.TakesLanes(points.Network, points.Samples, many: false)
            || points.Replicas < Math.Max(2, first.Lanes * Threads / 2)
        )
        {
            Each(
                points,
                pairs,
                width,
                (operations, replica, result) => operations.HessianEigenpairs(points, replica, request, result)
            );
            return;
        }

        fixed (double* begin = pairs)
        {
            nint address = (nint)begin;
            int taken = -1;
            _workers.Split(
                Threads,
                (worker, _) =>
                    Operations(points.Precision, worker)
                        .EigenpairsInLanes(
                            points,
                            () =>
                                Interlocked.Increment(ref taken) is int replica && replica < points.Replicas
                                    ? replica
                                    : -1,
                            request,
                            (replica, run) =>
                                run.Write(new Span<double>((double*)address + (replica * width), (int)width))
                        )
            );
        }
    }

    /// <inheritdoc/>
    public void SecondMomentEigenpairs(Points points, int count, Span<double> pairs) =>
        Each(
            points,
            pairs,
            (long)count * (1 + points.Network.ParameterCount),
            (operations, replica, result) => operations.SecondMomentEigenpairs(points, replica, count, result)
        );

    /// <inheritdoc/>
    public void CovarianceCurvatureTrace(Points points, Span<double> traces) =>
        Each(
            points,
            traces,
            1,
            (operations, replica, result) => operations.CovarianceCurvatureTrace(points, replica, result)
        );

    /// <inheritdoc/>
    public void LanczosQuadrature(Points points, QuadratureRequest request, Span<double> nodesAndWeights) =>
        Each(
            points,
            nodesAndWeights,
            2L * request.Probes * request.Iterations,
            (operations, replica, result) => operations.LanczosQuadrature(points, replica, request, result)
        );

    /// <inheritdoc/>
    public void Dispose()
    {
        _workers.Dispose();
        foreach (IDenseOperations? operations in _single.Concat(_double))
        {
            operations?.Dispose();
        }
    }

    /// <summary>Whether such replicas train a register of them at a time, or one by one: a function of the shape alone.</summary>
    internal static bool TrainsInLanes(TrainingProblem problem)
    {
        int batch = new BatchIndices(problem.Seed, problem.Data.Samples, problem.Batch).LargestBatch;
        return LaneScratch<Register128<float>, float>.Footprint(problem.Network, batch) <= LargestLaneFootprint;
    }

    void IStepwiseBackend.Split(int items, Action<int, int> work) => _workers.Split(items, work);

    Precision IStepwiseBackend.Keeps(Precision asked) => asked;

    IVectorUpdates IStepwiseBackend.CreateUpdates(TrainingProblem problem, int vectors) =>
        problem.Precision == Precision.Float32
            ? Updates<Register512<float>, Register256<float>, Register128<float>, float>(problem, vectors)
            : Updates<Register512<double>, Register256<double>, Register128<double>, double>(problem, vectors);

    private static long Square(Points points) => (long)points.Network.ParameterCount * points.Network.ParameterCount;

    private static void Check(Points points, int length, long width)
    {
        if (length != points.Replicas * width)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"room for {length} numbers, {points.Replicas * width} are the result"
            );
        }
    }

    private static unsafe ReadOnlySpan<double> Part(nint address, int replica, int stride, int length) =>
        new((double*)address + ((long)replica * stride), length);

    // Shared vectors (V,P) have stride 0, own ones (R,V,P) stride V P.
    private static int VectorsLength(Points points, ReadOnlySpan<double> vectors, Span<double> products, out int stride)
    {
        int length = products.Length / points.Replicas;
        stride = vectors.Length == products.Length ? length : 0;
        if (
            (stride == 0 && vectors.Length != length)
            || length % points.Network.ParameterCount != 0
            || products.Length != (long)length * points.Replicas
        )
        {
            throw new HesseException(
                ExitCode.BadData,
                $"vectors do not have the shape (V,P) or (R,V,P) with P = {points.Network.ParameterCount} and R = {points.Replicas}"
            );
        }

        return length;
    }

    private IReplicas Create<V512, V256, V128, T>(Wave wave)
        where V512 : unmanaged, IVector<V512, T>
        where V256 : unmanaged, IVector<V256, T>
        where V128 : unmanaged, IVector<V128, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Vector512.IsHardwareAccelerated ? Create<V512, T>(wave)
        : Vector256.IsHardwareAccelerated ? Create<V256, T>(wave)
        : Create<V128, T>(wave);

    private IVectorUpdates Updates<V512, V256, V128, T>(TrainingProblem problem, int vectors)
        where V512 : unmanaged, IVector<V512, T>
        where V256 : unmanaged, IVector<V256, T>
        where V128 : unmanaged, IVector<V128, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Vector512.IsHardwareAccelerated ? new VectorUpdates<V512, T>(problem, vectors, Threads)
        : Vector256.IsHardwareAccelerated ? new VectorUpdates<V256, T>(problem, vectors, Threads)
        : new VectorUpdates<V128, T>(problem, vectors, Threads);

    private IReplicas Create<V, T>(Wave wave)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TrainsInLanes(wave.Problem) ? new LaneReplicas<V, T>(wave, _workers) : new DenseReplicas<V, T>(wave, _workers);

    private IDenseOperations Operations(Precision precision, int worker) =>
        (precision == Precision.Float32 ? _single : _double)[worker] ??= DenseOperations.Create(precision);

    // Whole blocks of lanes where they leave no thread idle; the replicas beside them one at a time, with the same bits.
    private unsafe void VectorProducts(
        Points points,
        bool gaussNewton,
        ReadOnlySpan<double> vectors,
        Span<double> products
    )
    {
        int length = VectorsLength(points, vectors, products, out int stride);
        IDenseOperations first = Operations(points.Precision, 0);
        int lanes = first.Lanes;
        bool many = length >= VectorsWorthLanes * points.Network.ParameterCount;
        int blocks = many && first.TakesLanes(points.Network, points.Samples, many) ? points.Replicas / lanes : 0;
        blocks = 2 * blocks < Threads ? 0 : blocks;
        fixed (double* from = vectors)
        fixed (double* to = products)
        {
            nint source = (nint)from;
            nint target = (nint)to;
            _workers.Split(
                blocks + points.Replicas - (blocks * lanes),
                (worker, item) =>
                {
                    IDenseOperations operations = Operations(points.Precision, worker);
                    bool alone = item >= blocks;
                    int replica = alone ? item + (blocks * (lanes - 1)) : item * lanes;
                    int together = alone ? 1 : lanes;
                    ReadOnlySpan<double> given = Part(
                        source,
                        replica,
                        stride,
                        stride == 0 ? length : together * length
                    );
                    Span<double> own = new((double*)target + ((long)replica * length), together * length);
                    if (!alone)
                    {
                        operations.VectorProductsOfBlock(points, replica, gaussNewton, given, own);
                    }
                    else if (gaussNewton)
                    {
                        operations.GgnVectorProducts(points, replica, given, own);
                    }
                    else
                    {
                        operations.HessianVectorProducts(points, replica, given, own);
                    }
                }
            );
        }
    }

    private void Each(Points points, Span<double> results, long width, DenseOperation operation) =>
        EachFew(points, results, width, 1, (operations, replica, _, result) => operation(operations, replica, result));

    private void Spectra(Points points, Spectrum spectrum, int order, Span<double> eigenvalues) =>
        EachFew(
            points,
            eigenvalues,
            order,
            DenseOperations.SpectraAtOnce(points.Precision, order, points.Replicas, Threads),
            (operations, first, count, result) => operations.Spectra(spectrum, points, first, count, result)
        );

    // The operation takes some successive replicas at a time.
    private unsafe void EachFew(Points points, Span<double> results, long width, int few, DenseGroupOperation operation)
    {
        Check(points, results.Length, width);
        fixed (double* begin = results)
        {
            nint address = (nint)begin;
            _workers.Split(
                (points.Replicas + few - 1) / few,
                (worker, group) =>
                {
                    int first = group * few;
                    int count = Math.Min(few, points.Replicas - first);
                    operation(
                        Operations(points.Precision, worker),
                        first,
                        count,
                        new Span<double>((double*)address + (first * width), checked((int)(count * width)))
                    );
                }
            );
        }
    }
}
