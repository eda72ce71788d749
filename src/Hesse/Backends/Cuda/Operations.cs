namespace Hesse.Backends.Cuda;

// Operations with kernels, in the precision that the points ask for.
public sealed partial class CudaBackend
{
    private readonly ICudaOperations _single;
    private readonly ICudaOperations _double;

    /// <inheritdoc/>
    public void Loss(Points points, Span<double> loss) => Of(points).Loss(points, loss);

    /// <inheritdoc/>
    public void Logits(Points points, Span<double> logits) => Of(points).Logits(points, logits);

    /// <inheritdoc/>
    public void Gradient(Points points, Span<double> gradient) => Of(points).Gradient(points, gradient);

    /// <inheritdoc/>
    public void PerSampleGradients(Points points, Span<double> gradients) =>
        Of(points).PerSampleGradients(points, gradients);

    /// <inheritdoc/>
    public void PerSampleGradientNorms(Points points, Span<double> norms) =>
        Of(points).PerSampleGradientNorms(points, norms);

    /// <inheritdoc/>
    public void Gram(Points points, Span<double> gram) => Of(points).Gram(points, gram);

    /// <inheritdoc/>
    public void Hessian(Points points, Span<double> hessian) => Of(points).Hessian(points, hessian);

    /// <inheritdoc/>
    public void Ggn(Points points, Span<double> ggn) => Of(points).Ggn(points, ggn);

    /// <inheritdoc/>
    public void HessianDiagonal(Points points, Span<double> diagonal) => Of(points).HessianDiagonal(points, diagonal);

    /// <inheritdoc/>
    public void HessianSpectrum(Points points, Span<double> eigenvalues) =>
        Of(points).HessianSpectrum(points, eigenvalues);

    /// <inheritdoc/>
    public void FrobeniusNorm(Points points, Span<double> norms) => Of(points).FrobeniusNorm(points, norms);

    /// <inheritdoc/>
    public void LayerSpectra(Points points, Span<double> eigenvalues) => Of(points).LayerSpectra(points, eigenvalues);

    /// <inheritdoc/>
    public void ResidualSpectrum(Points points, Span<double> eigenvalues) =>
        Of(points).ResidualSpectrum(points, eigenvalues);

    /// <inheritdoc/>
    public void SecondMomentDiagonal(Points points, Span<double> diagonal) =>
        Of(points).SecondMomentDiagonal(points, diagonal);

    /// <inheritdoc/>
    public void CovarianceCurvatureTrace(Points points, Span<double> traces) =>
        Of(points).CovarianceCurvatureTrace(points, traces);

    /// <inheritdoc/>
    public void GgnSpectrum(Points points, Span<double> eigenvalues) => Of(points).GgnSpectrum(points, eigenvalues);

    /// <inheritdoc/>
    public void SecondMomentSpectrum(Points points, Span<double> eigenvalues) =>
        Of(points).SecondMomentSpectrum(points, eigenvalues);

    /// <inheritdoc/>
    public void GradientCovarianceSpectrum(Points points, Span<double> eigenvalues) =>
        Of(points).GradientCovarianceSpectrum(points, eigenvalues);

    /// <inheritdoc/>
    public void HessianVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products) =>
        Of(points).VectorProducts(points, vectors, exact: true, products);

    /// <inheritdoc/>
    public void GgnVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products) =>
        Of(points).VectorProducts(points, vectors, exact: false, products);

    /// <inheritdoc/>
    public void PerSampleGradientProjections(Points points, ReadOnlySpan<double> vectors, Span<double> projections) =>
        Of(points).PerSampleGradientProjections(points, vectors, projections);

    /// <inheritdoc/>
    public void HessianEigenpairs(Points points, EigenpairRequest request, Span<double> pairs) =>
        Of(points).HessianEigenpairs(points, request, pairs);

    /// <inheritdoc/>
    public void SecondMomentEigenpairs(Points points, int count, Span<double> pairs) =>
        Of(points).SecondMomentEigenpairs(points, count, pairs);

    /// <inheritdoc/>
    public void LanczosQuadrature(Points points, QuadratureRequest request, Span<double> nodesAndWeights) =>
        Of(points).LanczosQuadrature(points, request, nodesAndWeights);

    private ICudaOperations Of(Points points) => points.Precision == Networks.Precision.Float32 ? _single : _double;
}
