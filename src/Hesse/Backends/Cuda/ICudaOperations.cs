namespace Hesse.Backends.Cuda;

/// <summary>The operations with kernels, whatever the precision; as in <see cref="IBackend"/>.</summary>
internal interface ICudaOperations
{
    void Loss(Points points, Span<double> loss);

    void Logits(Points points, Span<double> logits);

    void Gradient(Points points, Span<double> gradient);

    void PerSampleGradients(Points points, Span<double> gradients);

    void PerSampleGradientNorms(Points points, Span<double> norms);

    void Gram(Points points, Span<double> gram);

    void Hessian(Points points, Span<double> hessian);

    void Ggn(Points points, Span<double> ggn);

    void HessianDiagonal(Points points, Span<double> diagonal);

    void HessianSpectrum(Points points, Span<double> eigenvalues);

    void FrobeniusNorm(Points points, Span<double> norms);

    void LayerSpectra(Points points, Span<double> eigenvalues);

    void ResidualSpectrum(Points points, Span<double> eigenvalues);

    void SecondMomentDiagonal(Points points, Span<double> diagonal);

    void CovarianceCurvatureTrace(Points points, Span<double> traces);

    void GgnSpectrum(Points points, Span<double> eigenvalues);

    void SecondMomentSpectrum(Points points, Span<double> eigenvalues);

    void GradientCovarianceSpectrum(Points points, Span<double> eigenvalues);

    /// <summary>H v, or G v unless exact. Vectors (V,P) shared or (R,V,P); products (R,V,P).</summary>
    void VectorProducts(Points points, ReadOnlySpan<double> vectors, bool exact, Span<double> products);

    /// <summary>Vectors (V,P) shared or (R,V,P); projections (R,N,V).</summary>
    void PerSampleGradientProjections(Points points, ReadOnlySpan<double> vectors, Span<double> projections);

    void HessianEigenpairs(Points points, EigenpairRequest request, Span<double> pairs);

    void SecondMomentEigenpairs(Points points, int count, Span<double> pairs);

    void LanczosQuadrature(Points points, QuadratureRequest request, Span<double> nodesAndWeights);
}
