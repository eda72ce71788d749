using Hesse.Eigen;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    private EigenWorkspace<T>? _eigen;

    private LaneEigenvalues<TVector, T>? _laneEigen;

    private SpectraInLanes<TVector, T>? _spectraInLanes;

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

        if (order == 0 || count == 1)
        {
            for (int i = 0; i < count; i++)
            {
                T* matrix = TakeMatrix(order);
                Fill(spectrum, points, first + i, order, matrix);
                Eigenvalues(matrix, order, eigenvalues.Slice(i * order, order));
            }

            return;
        }

        // First of all: a matrix that is too large says so.
        T* own = TakeMatrix(order);
        if (_spectraInLanes?.Order != order)
        {
            _spectraInLanes?.Dispose();
            _spectraInLanes = new SpectraInLanes<TVector, T>(order);
        }

        EigenWorkspace<T> workspace = Eigen(order);
        for (int i = 0; i < count; i++)
        {
            Fill(spectrum, points, first + i, order, own);
            _spectraInLanes.Reduce(i, new ReadOnlySpan<T>(own, order * order), workspace);
        }

        Span<T> values = new(_workspace.Take(DenseScratch.Vector, count * order), count * order);
        _spectraInLanes.Solve(count, workspace.SweepsPerEigenvalue, values);
        Widen(values, eigenvalues);
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
        int registers = 0;
        for (int done = 0; done < count; done += TVector.Count)
        {
            for (int lane = 0; lane < TVector.Count; lane++)
            {
                // Lanes without a matrix of their own repeat the last one.
                lanes[lane] = matrices + (Math.Min(lane, count - done - 1) * size);
                if (done + lane < count)
                {
                    Fill(spectrum, points, first + done + lane, order, lanes[lane]);
                }
            }

            _laneEigen.Reduce(registers++, lanes);
        }

        int numbers = registers * TVector.Count * order;
        Span<T> values = new(_workspace.Take(DenseScratch.Vector, numbers), numbers);
        _laneEigen.Solve(registers, values);
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
        EigenWorkspace<T> workspace = Eigen(order);
        Span<T> values = new(_workspace.Take(DenseScratch.Vector, order), order);
        SymmetricEigen.Values(new ReadOnlySpan<T>(matrix, order * order), order, values, workspace);
        Widen(values, eigenvalues);
    }

    private EigenWorkspace<T> Eigen(int order)
    {
        if (_eigen is null || _eigen.Capacity < order)
        {
            _eigen?.Dispose();
            _eigen = new EigenWorkspace<T>(order);
        }

        return _eigen;
    }
}
