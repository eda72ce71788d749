using Hesse.Eigen;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    private EigenWorkspace<T>? _eigen;

    /// <inheritdoc/>
    public void HessianSpectrum(Points points, int replica, Span<double> eigenvalues) =>
        AssembledSpectrum(points, replica, gaussNewton: false, eigenvalues);

    /// <inheritdoc/>
    public void GgnSpectrum(Points points, int replica, Span<double> eigenvalues) =>
        AssembledSpectrum(points, replica, gaussNewton: true, eigenvalues);

    /// <inheritdoc/>
    public void SecondMomentSpectrum(Points points, int replica, Span<double> eigenvalues) =>
        GradientSpectrum(points, replica, centred: false, eigenvalues);

    /// <inheritdoc/>
    public void GradientCovarianceSpectrum(Points points, int replica, Span<double> eigenvalues) =>
        GradientSpectrum(points, replica, centred: true, eigenvalues);

    private void AssembledSpectrum(Points points, int replica, bool gaussNewton, Span<double> eigenvalues)
    {
        int p = points.Network.ParameterCount;
        T* matrix = TakeMatrix(p);
        Assemble(points, replica, gaussNewton, lowerOnly: true, matrix);
        Eigenvalues(matrix, p, eigenvalues);
    }

    private void GradientSpectrum(Points points, int replica, bool centred, Span<double> eigenvalues)
    {
        DenseNet<T> net = Differentiate(points, replica, single: true);
        int order = Math.Min(net.Samples, net.Network.ParameterCount);
        T* matrix = TakeMatrix(order);
        if (net.Samples <= net.Network.ParameterCount)
        {
            ScaledGram(net, centred, matrix);
        }
        else
        {
            GradientMoments(net, centred, matrix);
        }

        Eigenvalues(matrix, order, eigenvalues);
    }

    private T* TakeMatrix(int order) =>
        (long)order * order > int.MaxValue
            ? throw new HesseException(
                ExitCode.DoesNotFit,
                $"a spectrum of order {order} is too large to be computed whole; ask for top-eigenvalues or spectral-density"
            )
            : _workspace.Take(DenseScratch.Matrix, (long)order * order);

    private void Eigenvalues(T* matrix, int order, Span<double> eigenvalues)
    {
        if (_eigen is null || _eigen.Capacity < order)
        {
            _eigen?.Dispose();
            _eigen = new EigenWorkspace<T>(order);
        }

        Span<T> values = new(_workspace.Take(DenseScratch.Vector, order), order);
        SymmetricEigen.Values(new ReadOnlySpan<T>(matrix, order * order), order, values, _eigen);
        Widen(values, eigenvalues);
    }
}
