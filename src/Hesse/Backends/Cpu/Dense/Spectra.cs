using Hesse.Eigen;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    private EigenWorkspace<T>? _eigen;

    private LaneEigenvalues<TVector, T>? _laneEigen;

    /// <inheritdoc/>
    public void HessianSpectrum(Points points, int replica, Span<double> eigenvalues) =>
        Spectra(Spectrum.Hessian, points, replica, 1, eigenvalues);

    /// <inheritdoc/>
    public void GgnSpectrum(Points points, int replica, Span<double> eigenvalues) =>
        Spectra(Spectrum.Ggn, points, replica, 1, eigenvalues);

    /// <inheritdoc/>
    public void SecondMomentSpectrum(Points points, int replica, Span<double> eigenvalues) =>
        Spectra(Spectrum.SecondMoment, points, replica, 1, eigenvalues);

    /// <inheritdoc/>
    public void GradientCovarianceSpectrum(Points points, int replica, Span<double> eigenvalues) =>
        Spectra(Spectrum.GradientCovariance, points, replica, 1, eigenvalues);

    /// <inheritdoc/>
    public void Spectra(Spectrum spectrum, Points points, int first, int count, Span<double> eigenvalues)
    {
        int p = points.Network.ParameterCount;
        int order = spectrum is Spectrum.Hessian or Spectrum.Ggn ? p : Math.Min(points.Samples, p);
        // A function of the order alone, never of the number of replicas: both ways round differently.
        if (order is >= 1 and <= DenseOperations.LargestLaneOrder)
        {
            LaneSpectra(spectrum, points, first, count, order, eigenvalues);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            T* matrix = TakeMatrix(order);
            Fill(spectrum, points, first + i, order, matrix);
            Eigenvalues(matrix, order, eigenvalues.Slice(i * order, order));
        }
    }

    private void LaneSpectra(
        Spectrum spectrum,
        Points points,
        int first,
        int count,
        int order,
        Span<double> eigenvalues
    )
    {
        if (_laneEigen?.Order != order)
        {
            _laneEigen?.Dispose();
            _laneEigen = new LaneEigenvalues<TVector, T>(order);
        }

        nint size = order * order;
        T* matrices = _workspace.Take(DenseScratch.Matrix, TVector.Count * size);
        T** lanes = stackalloc T*[TVector.Count];
        for (int lane = 0; lane < TVector.Count; lane++)
        {
            lanes[lane] = matrices + (Math.Min(lane, count - 1) * size);
            if (lane < count)
            {
                Fill(spectrum, points, first + lane, order, lanes[lane]);
            }
        }

        Span<T> values = new(_workspace.Take(DenseScratch.Vector, TVector.Count * order), TVector.Count * order);
        _laneEigen.Run(lanes, values);
        Widen(values[..(count * order)], eigenvalues);
    }

    // The lower triangle of the matrix. (order, order)
    private void Fill(Spectrum spectrum, Points points, int replica, int order, T* matrix)
    {
        if (spectrum is Spectrum.Hessian or Spectrum.Ggn)
        {
            Assemble(points, replica, spectrum == Spectrum.Ggn, lowerOnly: true, matrix);
            return;
        }

        DenseNet<T> net = Differentiate(points, replica, single: true);
        bool centred = spectrum == Spectrum.GradientCovariance;
        if (net.Samples == order)
        {
            ScaledGram(net, centred, matrix);
        }
        else
        {
            GradientMoments(net, centred, matrix);
        }
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
