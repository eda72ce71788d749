namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void FrobeniusNorm(Points points, Span<double> norms)
    {
        int p = points.Network.ParameterCount;
        double[] matrices = new double[points.Replicas * p * p];
        Hessian(points, matrices);
        ForEachReplica(
            points,
            norms,
            1,
            (replica, own) =>
            {
                double squares = 0;
                foreach (double h in matrices.AsSpan(replica * p * p, p * p))
                {
                    squares = Math.FusedMultiplyAdd(h, h, squares);
                }

                own[0] = Math.Sqrt(squares);
            }
        );
    }
}
