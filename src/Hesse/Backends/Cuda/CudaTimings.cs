using Hesse.Backends.Timings;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

public sealed partial class CudaBackend : ITimedBackend
{
    IEnumerable<Timing> ITimedBackend.Peaks(TimingSizes sizes)
    {
        CudaDevice device = _devices[0];
        yield return PeakRates.MultiplyAdd(device, Precision.Float32, sizes);
        yield return PeakRates.MultiplyAdd(device, Precision.Float64, sizes);
        yield return PeakRates.Copy(device, sizes);
    }

    // Only from our own kernels: what is asked for is measured as it is.
    IEnumerable<(string Name, IBackend Backend)> ITimedBackend.Alternatives()
    {
        if (_devices[0].Solver is not null || _devices[0].Blas is not null)
        {
            yield break;
        }

        foreach (
            (string name, LibraryUse use) in new[]
            {
                ("cusolver", LibraryUse.None with { Solver = true }),
                ("cublas", LibraryUse.None with { Blas = true }),
            }
        )
        {
            CudaBackend other;
            try
            {
                other = new CudaBackend(use, [_devices[0].Properties.Ordinal], _cpu.Threads, _notice);
            }
            catch (HesseException missing) when (missing.Code == ExitCode.DeviceUnavailable)
            {
                _notice(missing.Message.Split(CudaLibraries.LookedIn)[0]);
                continue;
            }

            yield return (name, other);
        }
    }

    Func<Action, double> ITimedBackend.Clock(out IDisposable owner)
    {
        CudaClock clock = new(_devices[0]);
        owner = clock;
        return clock.Seconds;
    }
}
