namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void CovarianceCurvatureTrace(Points points, Span<double> traces)
    {
        int samples = points.Samples;
        int p = points.Network.ParameterCount;
        double[] gradients = new double[points.Replicas * samples * p];
        PerSampleGradients(points, gradients);
        double[] hessians = new double[points.Replicas * p * p];
        Hessian(points, hessians);
        ForEachReplica(
            points,
            traces,
            1,
            (replica, own) =>
            {
                Span<double> g = gradients.AsSpan(replica * samples * p, samples * p);
                TakeAwayMean(g, samples, p);

                // tr(H C) = sum_ij H_ij (1/N) sum_n g_n[i] g_n[j]
                for (int i = 0; i < p; i++)
                {
                    for (int j = 0; j < p; j++)
                    {
                        double covariance = 0;
                        for (int n = 0; n < samples; n++)
                        {
                            covariance = Math.FusedMultiplyAdd(g[(n * p) + i], g[(n * p) + j], covariance);
                        }

                        double h = hessians[(((replica * p) + i) * p) + j];
                        own[0] = Math.FusedMultiplyAdd(h, covariance / samples, own[0]);
                    }
                }
            }
        );
    }
}
