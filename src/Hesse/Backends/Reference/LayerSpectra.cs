using Hesse.Networks;

namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void LayerSpectra(Points points, Span<double> eigenvalues)
    {
        Network network = points.Network;
        int p = network.ParameterCount;
        double[] matrices = new double[points.Replicas * p * p];
        Hessian(points, matrices);
        ForEachReplica(
            points,
            eigenvalues,
            p,
            (replica, own) =>
            {
                for (int l = 1; l <= network.Layers; l++)
                {
                    int first = network.WeightOffset(l);
                    int size = network.WeightOffset(l + 1) - first;
                    double[] block = new double[size * size];
                    for (int i = 0; i < size; i++)
                    {
                        for (int j = 0; j < size; j++)
                        {
                            block[(i * size) + j] = matrices[(((replica * p) + first + i) * p) + first + j];
                        }
                    }

                    ScalarEigenvalues.Of(block, size, own.Slice(first, size));
                }
            }
        );
    }
}
