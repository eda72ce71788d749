namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void PerSampleGradientNorms(Points points, Span<double> norms) =>
        ForEachReplica(
            points,
            norms,
            points.Samples,
            (replica, norm) =>
            {
                int n = 0;
                foreach (SamplePass pass in SamplePass.All(points, replica, 1))
                {
                    norm[n++] = Math.Sqrt(InnerProduct(pass, pass));
                }
            }
        );
}
