namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void GradientCovarianceSpectrum(Points points, Span<double> eigenvalues) =>
        GradientSpectrum(points, eigenvalues, centred: true);
}
