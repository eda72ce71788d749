namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void GgnSpectrum(Points points, Span<double> eigenvalues) =>
        MatrixSpectrum(points, eigenvalues, exact: false);
}
