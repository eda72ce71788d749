using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// The operations of <see cref="IBackend"/> on one replica at a time, with the scratch that they need: one object a worker
/// thread. Once warm for a network and a number of samples, nothing is allocated.
/// </summary>
internal interface IDenseOperations : IDisposable
{
    /// <summary>Mean loss.</summary>
    double Loss(Points points, int replica);

    /// <summary>z_L. (N,C)</summary>
    void Logits(Points points, int replica, Span<double> logits);

    /// <summary>Gradient of the mean loss. (P)</summary>
    void Gradient(Points points, int replica, Span<double> gradient);

    /// <summary>g_n, not divided by N. (N,P)</summary>
    void PerSampleGradients(Points points, int replica, Span<double> gradients);

    /// <summary>||g_n||. (N)</summary>
    void PerSampleGradientNorms(Points points, int replica, Span<double> norms);

    /// <summary>&lt;g_i, g_j&gt;. (N,N)</summary>
    void Gram(Points points, int replica, Span<double> gram);

    /// <summary>&lt;g_n, v&gt; for vectors (V,P). (N,V)</summary>
    void PerSampleGradientProjections(
        Points points,
        int replica,
        ReadOnlySpan<double> vectors,
        Span<double> projections
    );

    /// <summary>H v. (V,P) each.</summary>
    void HessianVectorProducts(Points points, int replica, ReadOnlySpan<double> vectors, Span<double> products);

    /// <summary>G v. (V,P) each.</summary>
    void GgnVectorProducts(Points points, int replica, ReadOnlySpan<double> vectors, Span<double> products);

    /// <summary>Replicas whose products are made at once, a replica a lane, with the same bits.</summary>
    int Lanes { get; }

    /// <summary>Whether nets of this shape are fast in lanes, with many vectors at a point or with one after the other.</summary>
    bool TakesLanes(Network network, int samples, bool many);

    /// <summary>H v or G v of replicas first .. first + Lanes - 1. Vectors (V,P) shared or (Lanes,V,P); products (Lanes,V,P).</summary>
    void VectorProductsOfBlock(
        Points points,
        int first,
        bool gaussNewton,
        ReadOnlySpan<double> vectors,
        Span<double> products
    );

    /// <summary>
    /// Eigenpairs by Lanczos' method of one replica after another, as many at a time as there are lanes; one that has converged
    /// gives its lane to the next.
    /// </summary>
    /// <param name="points">The replicas.</param>
    /// <param name="next">Number of the next replica, negative when there is none left.</param>
    /// <param name="request">Which pairs.</param>
    /// <param name="result">Takes a finished replica.</param>
    void EigenpairsInLanes(Points points, Func<int> next, EigenpairRequest request, EigenpairResult result);

    /// <summary>The Hessian of the mean loss. (P,P)</summary>
    void Hessian(Points points, int replica, Span<double> hessian);

    /// <summary>The Gauss-Newton matrix. (P,P)</summary>
    void Ggn(Points points, int replica, Span<double> ggn);

    /// <summary>Diagonal of the Hessian. (P)</summary>
    void HessianDiagonal(Points points, int replica, Span<double> diagonal);

    /// <summary>Eigenvalues of the Hessian, ascending. (P)</summary>
    void HessianSpectrum(Points points, int replica, Span<double> eigenvalues);

    /// <summary>Spectra of successive replicas, at most <see cref="DenseOperations.SpectraAtOnce"/>; the bits are those of one at a time.</summary>
    /// <param name="spectrum">Of which matrix.</param>
    /// <param name="points">Nets and data.</param>
    /// <param name="first">The first replica.</param>
    /// <param name="count">Number of replicas.</param>
    /// <param name="eigenvalues">(count, order), each ascending.</param>
    void Spectra(Spectrum spectrum, Points points, int first, int count, Span<double> eigenvalues);

    /// <summary>||H||_F. (1)</summary>
    void FrobeniusNorm(Points points, int replica, Span<double> norm);

    /// <summary>Eigenvalues of the Hessian's diagonal block of each layer, ascending, layer after layer. (P)</summary>
    void LayerSpectra(Points points, int replica, Span<double> eigenvalues);

    /// <summary>Eigenvalues of M - H, ascending. (P)</summary>
    void ResidualSpectrum(Points points, int replica, Span<double> eigenvalues);

    /// <summary>Diagonal of M. (P)</summary>
    void SecondMomentDiagonal(Points points, int replica, Span<double> diagonal);

    /// <summary>Eigenvalue, residual, iterations, converged and unit vector of each pair. (Count, 4+P)</summary>
    void HessianEigenpairs(Points points, int replica, EigenpairRequest request, Span<double> pairs);

    /// <summary>Nodes and weights of Lanczos quadrature. (2,probes,iterations)</summary>
    void LanczosQuadrature(Points points, int replica, QuadratureRequest request, Span<double> nodesAndWeights);

    /// <summary>Eigenvalue and unit vector of the largest eigenpairs of M, descending. (count, 1+P)</summary>
    void SecondMomentEigenpairs(Points points, int replica, int count, Span<double> pairs);

    /// <summary>tr(H C). (1)</summary>
    void CovarianceCurvatureTrace(Points points, int replica, Span<double> trace);

    /// <summary>Eigenvalues of the Gauss-Newton matrix, ascending. (P)</summary>
    void GgnSpectrum(Points points, int replica, Span<double> eigenvalues);

    /// <summary>Eigenvalues of M = (1/N) sum g_n g_n^T that can be non-zero, ascending. (min(N,P))</summary>
    void SecondMomentSpectrum(Points points, int replica, Span<double> eigenvalues);

    /// <summary>The same of C = (1/N) sum (g_n - g)(g_n - g)^T. (min(N,P))</summary>
    void GradientCovarianceSpectrum(Points points, int replica, Span<double> eigenvalues);
}

/// <summary>Takes the pairs of a replica.</summary>
internal delegate void EigenpairResult(int replica, HessianLanczos run);

/// <summary>The symmetric matrices of which all eigenvalues are computed.</summary>
internal enum Spectrum
{
    /// <summary>The Hessian.</summary>
    Hessian,

    /// <summary>The Gauss-Newton matrix.</summary>
    Ggn,

    /// <summary>M = (1/N) sum g_n g_n^T, or the Gram matrix with the same eigenvalues.</summary>
    SecondMoment,

    /// <summary>C = (1/N) sum (g_n - g)(g_n - g)^T, or the Gram matrix with the same eigenvalues.</summary>
    GradientCovariance,
}

/// <summary>The one place where the register width is chosen: the widest that the machine has.</summary>
internal static class DenseOperations
{
    /// <summary>
    /// The largest order of which several matrices are solved at once, a matrix a lane: at 128 a register's worth of triangles
    /// takes 264 KB with AVX2 and twice that with AVX-512, half of a second-level cache.
    /// </summary>
    public const int LargestLaneOrder = 128;

    /// <summary>
    /// How many spectra of this order one call takes, at most two registers' worth: as many as make the calls of all threads equal in
    /// number, but no less than a register's worth of small ones, which one costs as well. No bit depends on it.
    /// </summary>
    public static int SpectraAtOnce(Precision precision, int order, int replicas, int threads)
    {
        int lanes = ThreadSpace.RegisterBytes / ThreadSpace.SizeOf(precision);
        int most = LaneSweeps.Registers * lanes;
        int share = Ratio(replicas, threads);
        int calls = Math.Max(1, Ratio(share, most));
        return Math.Clamp(Ratio(share, calls), order <= LargestLaneOrder ? lanes : 1, most);

        static int Ratio(int amount, int parts) => (amount + parts - 1) / parts;
    }

    /// <summary>Operations in this precision.</summary>
    public static IDenseOperations Create(Precision precision)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return precision == Precision.Float32
                ? new DenseOperations<Register512<float>, float>()
                : new DenseOperations<Register512<double>, double>();
        }

        if (Vector256.IsHardwareAccelerated)
        {
            return precision == Precision.Float32
                ? new DenseOperations<Register256<float>, float>()
                : new DenseOperations<Register256<double>, double>();
        }

        return precision == Precision.Float32
            ? new DenseOperations<Register128<float>, float>()
            : new DenseOperations<Register128<double>, double>();
    }
}
