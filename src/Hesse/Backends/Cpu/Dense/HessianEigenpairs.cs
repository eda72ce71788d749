using Hesse.Eigen;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    private readonly SymmetricExtremes _extremes = new();
    private readonly SpareVectors _spare = new();
    private double[] _whole = [];

    /// <inheritdoc/>
    public void HessianEigenpairs(Points points, int replica, EigenpairRequest request, Span<double> pairs)
    {
        int p = points.Network.ParameterCount;
        if (!request.Assembles(p))
        {
            DenseNet<T> net = Linearise(points, replica, gaussNewton: false);
            ExtremePairs.ByLanczos(
                request,
                replica,
                p,
                (vector, image) => VectorProducts(net, gaussNewton: false, vector, image),
                pairs,
                _spare
            );
            return;
        }

        Span<double> matrix = Whole(p);
        Hessian(points, replica, matrix);
        request.Scale(replica, matrix);
        double[] values = new double[request.Count];
        double[] vectors = new double[(long)request.Count * p];
        _extremes.Of(matrix, p, request.Largest, request.Smallest, values, vectors);
        ExtremePairs.OfMatrix(request, matrix, values, vectors, pairs);
    }

    /// <inheritdoc/>
    public void LanczosQuadrature(Points points, int replica, QuadratureRequest request, Span<double> nodesAndWeights)
    {
        DenseNet<T> net = Linearise(points, replica, gaussNewton: false);
        request.Estimate(
            replica,
            points.Network.ParameterCount,
            (vector, image) => VectorProducts(net, gaussNewton: false, vector, image),
            nodesAndWeights,
            _spare
        );
    }

    // Room for a matrix in double. (order,order)
    private Span<double> Whole(int order)
    {
        int length = checked(order * order);
        if (_whole.Length < length)
        {
            _whole = new double[length];
        }

        return _whole.AsSpan(0, length);
    }
}
