namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Ggn(Points points, Span<double> ggn) => Assemble(points, ggn, exact: false);
}
