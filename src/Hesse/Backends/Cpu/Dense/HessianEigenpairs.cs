using Hesse.Eigen;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    private EigenWorkspace<double>? _pairs;

    /// <inheritdoc/>
    public void HessianEigenpairs(Points points, int replica, EigenpairRequest request, Span<double> pairs)
    {
        int p = points.Network.ParameterCount;
        if (p > EigenpairRequest.ExactUpTo)
        {
            DenseNet<T> net = Linearise(points, replica, gaussNewton: false);
            ExtremePairs.ByLanczos(
                request,
                replica,
                p,
                (vector, image) => VectorProducts(net, gaussNewton: false, vector, image),
                pairs
            );
            return;
        }

        double[] matrix = new double[p * p];
        Hessian(points, replica, matrix);
        request.Scale(replica, matrix);
        double[] values = new double[p];
        double[] vectors = new double[p * p];
        AllPairs(matrix, p, values, vectors);
        ExtremePairs.FromAll(request, matrix, values, vectors, pairs);
    }

    /// <inheritdoc/>
    public void LanczosQuadrature(Points points, int replica, QuadratureRequest request, Span<double> nodesAndWeights)
    {
        DenseNet<T> net = Linearise(points, replica, gaussNewton: false);
        request.Estimate(
            replica,
            points.Network.ParameterCount,
            (vector, image) => VectorProducts(net, gaussNewton: false, vector, image),
            nodesAndWeights
        );
    }

    /// <summary>All eigenpairs of a matrix in double: values ascending (order), vectors in rows (order, order).</summary>
    private void AllPairs(ReadOnlySpan<double> matrix, int order, Span<double> values, Span<double> vectors)
    {
        if (_pairs is null || _pairs.Capacity < order)
        {
            _pairs?.Dispose();
            _pairs = new EigenWorkspace<double>(order, vectors: true);
        }

        SymmetricEigen.ValuesAndVectors(matrix, order, values, vectors, _pairs);
    }
}
