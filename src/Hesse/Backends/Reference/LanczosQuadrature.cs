namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void LanczosQuadrature(Points points, QuadratureRequest request, Span<double> nodesAndWeights) =>
        ForEachReplica(
            points,
            nodesAndWeights,
            2L * request.Probes * request.Iterations,
            (replica, own) =>
            {
                Points alone = Alone(points, replica);
                request.Estimate(
                    replica,
                    points.Network.ParameterCount,
                    (vector, image) => HessianVectorProducts(alone, vector, image),
                    own
                );
            }
        );
}
