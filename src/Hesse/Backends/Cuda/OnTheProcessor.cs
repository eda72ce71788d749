namespace Hesse.Backends.Cuda;

// Operations without a kernel: the SIMD backend computes them.
public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public void Loss(Points points, Span<double> loss) => _cpu.Loss(points, loss);

    /// <inheritdoc/>
    public void Logits(Points points, Span<double> logits) => _cpu.Logits(points, logits);

    /// <inheritdoc/>
    public void Gradient(Points points, Span<double> gradient) => _cpu.Gradient(points, gradient);

    /// <inheritdoc/>
    public void PerSampleGradients(Points points, Span<double> gradients) => _cpu.PerSampleGradients(points, gradients);

    /// <inheritdoc/>
    public void PerSampleGradientNorms(Points points, Span<double> norms) => _cpu.PerSampleGradientNorms(points, norms);

    /// <inheritdoc/>
    public void Gram(Points points, Span<double> gram) => _cpu.Gram(points, gram);

    /// <inheritdoc/>
    public void PerSampleGradientProjections(Points points, ReadOnlySpan<double> vectors, Span<double> projections) =>
        _cpu.PerSampleGradientProjections(points, vectors, projections);

    /// <inheritdoc/>
    public void HessianVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products) =>
        _cpu.HessianVectorProducts(points, vectors, products);

    /// <inheritdoc/>
    public void GgnVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products) =>
        _cpu.GgnVectorProducts(points, vectors, products);

    /// <inheritdoc/>
    public void Hessian(Points points, Span<double> hessian) => _cpu.Hessian(points, hessian);

    /// <inheritdoc/>
    public void Ggn(Points points, Span<double> ggn) => _cpu.Ggn(points, ggn);

    /// <inheritdoc/>
    public void HessianDiagonal(Points points, Span<double> diagonal) => _cpu.HessianDiagonal(points, diagonal);

    /// <inheritdoc/>
    public void HessianSpectrum(Points points, Span<double> eigenvalues) => _cpu.HessianSpectrum(points, eigenvalues);

    /// <inheritdoc/>
    public void FrobeniusNorm(Points points, Span<double> norms) => _cpu.FrobeniusNorm(points, norms);

    /// <inheritdoc/>
    public void LayerSpectra(Points points, Span<double> eigenvalues) => _cpu.LayerSpectra(points, eigenvalues);

    /// <inheritdoc/>
    public void ResidualSpectrum(Points points, Span<double> eigenvalues) => _cpu.ResidualSpectrum(points, eigenvalues);

    /// <inheritdoc/>
    public void SecondMomentDiagonal(Points points, Span<double> diagonal) =>
        _cpu.SecondMomentDiagonal(points, diagonal);

    /// <inheritdoc/>
    public void HessianEigenpairs(Points points, EigenpairRequest request, Span<double> pairs) =>
        _cpu.HessianEigenpairs(points, request, pairs);

    /// <inheritdoc/>
    public void SecondMomentEigenpairs(Points points, int count, Span<double> pairs) =>
        _cpu.SecondMomentEigenpairs(points, count, pairs);

    /// <inheritdoc/>
    public void CovarianceCurvatureTrace(Points points, Span<double> traces) =>
        _cpu.CovarianceCurvatureTrace(points, traces);

    /// <inheritdoc/>
    public void LanczosQuadrature(Points points, QuadratureRequest request, Span<double> nodesAndWeights) =>
        _cpu.LanczosQuadrature(points, request, nodesAndWeights);

    /// <inheritdoc/>
    public void GgnSpectrum(Points points, Span<double> eigenvalues) => _cpu.GgnSpectrum(points, eigenvalues);

    /// <inheritdoc/>
    public void SecondMomentSpectrum(Points points, Span<double> eigenvalues) =>
        _cpu.SecondMomentSpectrum(points, eigenvalues);

    /// <inheritdoc/>
    public void GradientCovarianceSpectrum(Points points, Span<double> eigenvalues) =>
        _cpu.GradientCovarianceSpectrum(points, eigenvalues);
}
