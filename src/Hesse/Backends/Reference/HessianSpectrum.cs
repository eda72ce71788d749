namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void HessianSpectrum(Points points, Span<double> eigenvalues) =>
        MatrixSpectrum(points, eigenvalues, exact: true);

    private static void MatrixSpectrum(Points points, Span<double> eigenvalues, bool exact)
    {
        int p = points.Network.ParameterCount;
        double[] matrices = new double[points.Replicas * p * p];
        Assemble(points, matrices, exact);
        ForEachReplica(
            points,
            eigenvalues,
            p,
            (replica, own) => ScalarEigenvalues.Of(matrices.AsSpan(replica * p * p, p * p), p, own)
        );
    }
}
