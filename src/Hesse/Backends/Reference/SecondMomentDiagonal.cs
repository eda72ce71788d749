namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void SecondMomentDiagonal(Points points, Span<double> diagonal)
    {
        int p = points.Network.ParameterCount;
        double[] gradients = new double[points.Replicas * points.Samples * p];
        PerSampleGradients(points, gradients);
        ForEachReplica(
            points,
            diagonal,
            p,
            (replica, own) =>
            {
                for (int n = 0; n < points.Samples; n++)
                {
                    for (int i = 0; i < p; i++)
                    {
                        double g = gradients[(((replica * points.Samples) + n) * p) + i];
                        own[i] = Math.FusedMultiplyAdd(g, g, own[i]);
                    }
                }

                foreach (ref double sum in own)
                {
                    sum /= points.Samples;
                }
            }
        );
    }
}
