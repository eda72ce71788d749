using Hesse.Eigen;

namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void SecondMomentEigenpairs(Points points, int count, Span<double> pairs)
    {
        int p = points.Network.ParameterCount;
        double[] gradients = new double[points.Replicas * points.Samples * p];
        PerSampleGradients(points, gradients);
        ForEachReplica(
            points,
            pairs,
            (long)count * (1 + p),
            (replica, own) =>
            {
                double[] values = new double[p];
                double[] vectors = new double[p * p];
                ScalarEigenpairs.Of(SecondMoment(points, replica, gradients), p, values, vectors);
                for (int i = 0; i < count; i++)
                {
                    own[i * (1 + p)] = values[p - 1 - i];
                    vectors.AsSpan((p - 1 - i) * p, p).CopyTo(own.Slice((i * (1 + p)) + 1, p));
                }

                MomentPairs.Normalise(p, points.Samples, count, own);
            }
        );
    }
}
