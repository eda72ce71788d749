namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void SecondMomentSpectrum(Points points, Span<double> eigenvalues) =>
        GradientSpectrum(points, eigenvalues, centred: false);

    // Non-zero eigenvalues of (1/N) sum g_n g_n^T (P x P) and of (1/N) <g_i, g_j> (N x N) are the same: the smaller matrix is used.
    private void GradientSpectrum(Points points, Span<double> eigenvalues, bool centred)
    {
        int samples = points.Samples;
        int p = points.Network.ParameterCount;
        double[] gradients = new double[points.Replicas * samples * p];
        PerSampleGradients(points, gradients);
        ForEachReplica(
            points,
            eigenvalues,
            Math.Min(samples, p),
            (replica, own) =>
            {
                Span<double> g = gradients.AsSpan(replica * samples * p, samples * p);
                if (centred)
                {
                    TakeAwayMean(g, samples, p);
                }

                int size = Math.Min(samples, p);
                double[] matrix = new double[size * size];
                for (int i = 0; i < size; i++)
                {
                    for (int j = 0; j <= i; j++)
                    {
                        double sum = 0;
                        for (int k = 0; k < Math.Max(samples, p); k++)
                        {
                            sum =
                                samples <= p
                                    ? Math.FusedMultiplyAdd(g[(i * p) + k], g[(j * p) + k], sum)
                                    : Math.FusedMultiplyAdd(g[(k * p) + i], g[(k * p) + j], sum);
                        }

                        matrix[(i * size) + j] = sum / samples;
                        matrix[(j * size) + i] = sum / samples;
                    }
                }

                ScalarEigenvalues.Of(matrix, size, own);
            }
        );
    }

    private static void TakeAwayMean(Span<double> gradients, int samples, int p)
    {
        for (int i = 0; i < p; i++)
        {
            double mean = 0;
            for (int n = 0; n < samples; n++)
            {
                mean += gradients[(n * p) + i];
            }

            mean /= samples;
            for (int n = 0; n < samples; n++)
            {
                gradients[(n * p) + i] -= mean;
            }
        }
    }
}
