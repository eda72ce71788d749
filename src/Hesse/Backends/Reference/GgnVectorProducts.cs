namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void GgnVectorProducts(Points points, ReadOnlySpan<double> vectors, Span<double> products) =>
        VectorProducts(points, vectors, products, static derivative => derivative.BackwardGgn());
}
