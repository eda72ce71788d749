namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Loss(Points points, Span<double> loss) =>
        ForEachReplica(
            points,
            loss,
            1,
            (replica, mean) =>
            {
                foreach (SamplePass pass in SamplePass.All(points, replica, 1))
                {
                    mean[0] += pass.Loss;
                }

                mean[0] /= points.Samples;
            }
        );
}
