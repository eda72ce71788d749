namespace Hesse.Backends;

/// <summary>
/// One way to compute: Reference (scalar, double), Cpu (SIMD, a replica is a lane) or Cuda. Coarse on purpose: nothing is
/// called per step. All results are row-major with the replica axis first; "gradient" and "Hessian" are those of the mean
/// loss over the N samples (docs/numerics.md). Replicas do not influence each other: R at once gives the same bits as each alone.
/// Every result span has exactly the length of the shape that stands at the operation; another length, an unfit shape and a device
/// that fails are a <see cref="HesseException"/> (65, 65, 70). An instance serves one caller at a time; instances share nothing.
/// </summary>
public interface IBackend : IDisposable
{
    /// <summary>reference, cpu or cuda</summary>
    string Name { get; }

    /// <summary>Processor or graphics device, as results record it.</summary>
    string Device => EngineVersion.Processor;

    /// <summary>Architecture of the graphics device (sm_90), on which results depend; null on a processor, where they depend on none.</summary>
    string? Architecture => null;

    /// <summary>Replicas on which an operation works at the same time where that is not a matter of threads: fewer leave a device idle.</summary>
    int Concurrency => 1;

    /// <summary>The replicas of a wave at step 0.</summary>
    IReplicas CreateReplicas(Wave wave);

    /// <summary>Mean loss. (R)</summary>
    void Loss(Points points, Span<double> loss);

    /// <summary>z_L. (R,N,C)</summary>
    void Logits(Points points, Span<double> logits);

    /// <summary>Gradient of the mean loss. (R,P)</summary>
    void Gradient(Points points, Span<double> gradient);

    /// <summary>g_n, gradients of the single losses, not divided by N. (R,N,P)</summary>
    void PerSampleGradients(Points points, Span<double> gradients);

    /// <summary>||g_n||, without forming g_n. (R,N)</summary>
    void PerSampleGradientNorms(Points points, Span<double> norms);

    /// <summary>&lt;g_i, g_j&gt;, without forming g_n. (R,N,N)</summary>
    void Gram(Points points, Span<double> gram);

    /// <summary>
    /// &lt;g_n, v&gt; = sum_l delta_l,n^T V_l [a_{l-1,n}; 1], without forming g_n. Vectors (V,P) shared or (R,V,P); projections (R,N,V).
    /// </summary>
    void PerSampleGradientProjections(Points points, ReadOnlySpan<double> vectors, Span<double> projections);

    /// <summary>H v by Pearlmutter's R-operator. Vectors (V,P) shared or (R,V,P); products (R,V,P).</summary>
    void HessianVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products);

    /// <summary>G v with the Gauss-Newton matrix G. Vectors (V,P) shared or (R,V,P); products (R,V,P).</summary>
    void GgnVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products);

    /// <summary>The exact Hessian, assembled by layers. (R,P,P)</summary>
    void Hessian(Points points, Span<double> hessian);

    /// <summary>The exact Gauss-Newton matrix. (R,P,P)</summary>
    void Ggn(Points points, Span<double> ggn);

    /// <summary>Diagonal of the Hessian, without the rest of it. (R,P)</summary>
    void HessianDiagonal(Points points, Span<double> diagonal);

    /// <summary>All eigenvalues of the Hessian, ascending. (R,P)</summary>
    void HessianSpectrum(Points points, Span<double> eigenvalues);

    /// <summary>||H||_F. (R)</summary>
    void FrobeniusNorm(Points points, Span<double> norms);

    /// <summary>Eigenvalues of the diagonal block of H of each layer (W_l, b_l), ascending, layer after layer. (R,P)</summary>
    void LayerSpectra(Points points, Span<double> eigenvalues);

    /// <summary>All eigenvalues of M - H, ascending. (R,P)</summary>
    void ResidualSpectrum(Points points, Span<double> eigenvalues);

    /// <summary>Diagonal of M: means over the samples of the squared entries of g_n. (R,P)</summary>
    void SecondMomentDiagonal(Points points, Span<double> diagonal);

    /// <summary>
    /// Eigenpairs at the ends of the spectrum of H, or of D H D with the request's diagonal: the largest descending, then the smallest ascending. Rows of eigenvalue,
    /// residual ||H u - theta u||, iterations (0: from the assembled matrix), converged (1 or 0), unit vector u. (R,Count,4+P)
    /// </summary>
    void HessianEigenpairs(Points points, EigenpairRequest request, Span<double> pairs);

    /// <summary>
    /// The largest eigenpairs of M, descending, in double: rows of eigenvalue and unit vector u = sum w_n g_n / sqrt(N mu) with the
    /// eigenvectors w of the Gram matrix; both 0 where the eigenvalue is 0 to rounding. count is at most min(N,P). Where a backend multiplies with M
    /// (docs/numerics.md, 6), a pair that has not converged is NaN. (R,count,1+P)
    /// </summary>
    void SecondMomentEigenpairs(Points points, int count, Span<double> pairs);

    /// <summary>tr(H C). (R)</summary>
    void CovarianceCurvatureTrace(Points points, Span<double> traces);

    /// <summary>Nodes and weights of Lanczos quadrature of the Hessian's spectrum. (R,2,probes,iterations)</summary>
    void LanczosQuadrature(Points points, QuadratureRequest request, Span<double> nodesAndWeights);

    /// <summary>All eigenvalues of the Gauss-Newton matrix, ascending. (R,P)</summary>
    void GgnSpectrum(Points points, Span<double> eigenvalues);

    /// <summary>The min(N,P) eigenvalues of M = (1/N) sum g_n g_n^T that can be non-zero, ascending. (R,min(N,P))</summary>
    void SecondMomentSpectrum(Points points, Span<double> eigenvalues);

    /// <summary>The same of C = (1/N) sum (g_n - g)(g_n - g)^T. (R,min(N,P))</summary>
    void GradientCovarianceSpectrum(Points points, Span<double> eigenvalues);
}
