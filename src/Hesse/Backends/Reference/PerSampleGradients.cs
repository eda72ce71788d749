namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void PerSampleGradients(Points points, Span<double> gradients)
    {
        int p = points.Network.ParameterCount;
        ForEachReplica(
            points,
            gradients,
            (long)points.Samples * p,
            (replica, g) =>
            {
                int n = 0;
                foreach (SamplePass pass in SamplePass.All(points, replica, 1))
                {
                    AddGradient(pass, g.Slice(n++ * p, p));
                }
            }
        );
    }
}
