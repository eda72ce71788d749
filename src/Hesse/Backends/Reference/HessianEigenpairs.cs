using Hesse.Eigen;

namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void HessianEigenpairs(Points points, EigenpairRequest request, Span<double> pairs)
    {
        int p = points.Network.ParameterCount;
        ForEachReplica(
            points,
            pairs,
            (long)request.Count * (EigenpairRequest.Heading + p),
            (replica, own) =>
            {
                Points alone = Alone(points, replica);
                if (!request.Assembles(p))
                {
                    ExtremePairs.ByLanczos(
                        request,
                        replica,
                        p,
                        (vector, image) => HessianVectorProducts(alone, vector, image),
                        own
                    );
                    return;
                }

                double[] matrix = new double[p * p];
                Hessian(alone, matrix);
                request.Scale(replica, matrix);
                double[] values = new double[p];
                double[] vectors = new double[p * p];
                ScalarEigenpairs.Of((double[])matrix.Clone(), p, values, vectors);
                int[] places = [.. Enumerable.Range(0, p)];
                places = [.. places.Reverse().Take(request.Largest), .. places.Take(request.Smallest)];
                ExtremePairs.OfMatrix(
                    request,
                    matrix,
                    [.. places.Select(place => values[place])],
                    Observables.Slices.Choose(vectors, p, places),
                    own
                );
            }
        );
    }

    private static Points Alone(Points points, int replica)
    {
        Data.DataSet data = points.Data;
        return new Points(
            points.Network,
            points.ParametersOf(replica).ToArray(),
            data.Sets == 1 ? data : Observables.Slices.Choose(data, [replica]),
            points.Precision
        );
    }
}
