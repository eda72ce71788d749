namespace Hesse.Backends.Cuda;

// Operations without a kernel: the SIMD backend computes them.
public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public void PerSampleGradientProjections(Points points, ReadOnlySpan<double> vectors, Span<double> projections) =>
        _cpu.PerSampleGradientProjections(points, vectors, projections);

    /// <inheritdoc/>
    public void HessianEigenpairs(Points points, EigenpairRequest request, Span<double> pairs) =>
        _cpu.HessianEigenpairs(points, request, pairs);

    /// <inheritdoc/>
    public void SecondMomentEigenpairs(Points points, int count, Span<double> pairs) =>
        _cpu.SecondMomentEigenpairs(points, count, pairs);

    /// <inheritdoc/>
    public void LanczosQuadrature(Points points, QuadratureRequest request, Span<double> nodesAndWeights) =>
        _cpu.LanczosQuadrature(points, request, nodesAndWeights);
}
