namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void ResidualSpectrum(Points points, Span<double> eigenvalues)
    {
        int p = points.Network.ParameterCount;
        double[] hessians = new double[points.Replicas * p * p];
        Hessian(points, hessians);
        double[] gradients = new double[points.Replicas * points.Samples * p];
        PerSampleGradients(points, gradients);
        ForEachReplica(
            points,
            eigenvalues,
            p,
            (replica, own) =>
            {
                double[] residual = SecondMoment(points, replica, gradients);
                for (int i = 0; i < p * p; i++)
                {
                    residual[i] -= hessians[(replica * p * p) + i];
                }

                ScalarEigenvalues.Of(residual, p, own);
            }
        );
    }

    // M = (1/N) sum g_n g_n^T of one replica, (P,P).
    private static double[] SecondMoment(Points points, int replica, double[] gradients)
    {
        int p = points.Network.ParameterCount;
        double[] moment = new double[p * p];
        for (int i = 0; i < p; i++)
        {
            for (int j = 0; j < p; j++)
            {
                double sum = 0;
                for (int n = 0; n < points.Samples; n++)
                {
                    int g = ((replica * points.Samples) + n) * p;
                    sum = Math.FusedMultiplyAdd(gradients[g + i], gradients[g + j], sum);
                }

                moment[(i * p) + j] = sum / points.Samples;
            }
        }

        return moment;
    }
}
