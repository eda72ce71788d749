namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Logits(Points points, Span<double> logits)
    {
        int classes = points.Network.OutputWidth;
        ForEachReplica(
            points,
            logits,
            (long)points.Samples * classes,
            (replica, z) =>
            {
                int n = 0;
                foreach (SamplePass pass in SamplePass.All(points, replica, 1))
                {
                    pass.Z[points.Network.Layers].CopyTo(z.Slice(n++ * classes, classes));
                }
            }
        );
    }
}
