using Hesse.Backends;
using Hesse.Backends.Cpu;

namespace Hesse.Tests.Planning;

/// <summary>The backend on the processor with one thread, which looks after every operation at what the process holds.</summary>
internal sealed class WatchedBackend : IBackend
{
    private readonly CpuBackend _backend = new(threads: 1);
    private readonly long _before = Held();
    private long _most;

    public string Name => _backend.Name;

    /// <summary>
    /// The most bytes held after an operation beyond those held at the beginning, or, where the process has let go of something of before
    /// meanwhile, at the end. Ends the backend.
    /// </summary>
    public long Most()
    {
        Dispose();
        return _most - Math.Min(_before, Held());
    }

    public IReplicas CreateReplicas(Wave wave) => _backend.CreateReplicas(wave);

    public void Loss(Points points, Span<double> loss)
    {
        _backend.Loss(points, loss);
        Look(points);
    }

    public void Logits(Points points, Span<double> logits)
    {
        _backend.Logits(points, logits);
        Look(points);
    }

    public void Gradient(Points points, Span<double> gradient)
    {
        _backend.Gradient(points, gradient);
        Look(points);
    }

    public void PerSampleGradients(Points points, Span<double> gradients)
    {
        _backend.PerSampleGradients(points, gradients);
        Look(points);
    }

    public void PerSampleGradientNorms(Points points, Span<double> norms)
    {
        _backend.PerSampleGradientNorms(points, norms);
        Look(points);
    }

    public void Gram(Points points, Span<double> gram)
    {
        _backend.Gram(points, gram);
        Look(points);
    }

    public void PerSampleGradientProjections(Points points, ReadOnlySpan<double> vectors, Span<double> projections)
    {
        _backend.PerSampleGradientProjections(points, vectors, projections);
        Look(points);
    }

    public void HessianVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products)
    {
        _backend.HessianVectorProducts(points, vectors, products);
        Look(points);
    }

    public void GgnVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products)
    {
        _backend.GgnVectorProducts(points, vectors, products);
        Look(points);
    }

    public void Hessian(Points points, Span<double> hessian)
    {
        _backend.Hessian(points, hessian);
        Look(points);
    }

    public void Ggn(Points points, Span<double> ggn)
    {
        _backend.Ggn(points, ggn);
        Look(points);
    }

    public void HessianDiagonal(Points points, Span<double> diagonal)
    {
        _backend.HessianDiagonal(points, diagonal);
        Look(points);
    }

    public void HessianSpectrum(Points points, Span<double> eigenvalues)
    {
        _backend.HessianSpectrum(points, eigenvalues);
        Look(points);
    }

    public void GgnSpectrum(Points points, Span<double> eigenvalues)
    {
        _backend.GgnSpectrum(points, eigenvalues);
        Look(points);
    }

    public void SecondMomentSpectrum(Points points, Span<double> eigenvalues)
    {
        _backend.SecondMomentSpectrum(points, eigenvalues);
        Look(points);
    }

    public void GradientCovarianceSpectrum(Points points, Span<double> eigenvalues)
    {
        _backend.GradientCovarianceSpectrum(points, eigenvalues);
        Look(points);
    }

    public void FrobeniusNorm(Points points, Span<double> norms)
    {
        _backend.FrobeniusNorm(points, norms);
        Look(points);
    }

    public void LayerSpectra(Points points, Span<double> eigenvalues)
    {
        _backend.LayerSpectra(points, eigenvalues);
        Look(points);
    }

    public void ResidualSpectrum(Points points, Span<double> eigenvalues)
    {
        _backend.ResidualSpectrum(points, eigenvalues);
        Look(points);
    }

    public void SecondMomentDiagonal(Points points, Span<double> diagonal)
    {
        _backend.SecondMomentDiagonal(points, diagonal);
        Look(points);
    }

    public void HessianEigenpairs(Points points, EigenpairRequest request, Span<double> pairs)
    {
        _backend.HessianEigenpairs(points, request, pairs);
        Look(points);
    }

    public void SecondMomentEigenpairs(Points points, int count, Span<double> pairs)
    {
        _backend.SecondMomentEigenpairs(points, count, pairs);
        Look(points);
    }

    public void CovarianceCurvatureTrace(Points points, Span<double> traces)
    {
        _backend.CovarianceCurvatureTrace(points, traces);
        Look(points);
    }

    public void LanczosQuadrature(Points points, QuadratureRequest request, Span<double> nodesAndWeights)
    {
        _backend.LanczosQuadrature(points, request, nodesAndWeights);
        Look(points);
    }

    public void Dispose() => _backend.Dispose();

    private static long Held()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: false) + AlignedMemory.Held;
    }

    // Whose parameters are copies of the wave's: held while the operation goes on.
    private void Look(Points points)
    {
        _most = Math.Max(_most, Held());
        GC.KeepAlive(points);
    }
}
