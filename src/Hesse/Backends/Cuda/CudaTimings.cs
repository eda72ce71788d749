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

    Func<Action, double> ITimedBackend.Clock(out IDisposable owner)
    {
        CudaClock clock = new(_devices[0]);
        owner = clock;
        return clock.Seconds;
    }
}
