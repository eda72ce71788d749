using Hesse.Backends.Cpu;
using Hesse.Backends.Cuda;
using Hesse.Backends.Reference;
using Hesse.Specs;

namespace Hesse.Backends;

/// <summary>From a name to a backend.</summary>
public static class BackendSelector
{
    /// <summary>CUDA where it works, else the processor.</summary>
    public const string Automatic = "auto";

    /// <summary>Names that can be asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = [Automatic, "reference", "cpu", "cuda"];

    /// <summary>Opens a backend.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="threads">Worker threads of the processor's backends; 0 for one a core.</param>
    /// <param name="devices">Numbers of the CUDA devices to use; null for the first.</param>
    /// <param name="notice">Is told, a line each, what changes no number: why there is no CUDA, short memory, damaged cache entries.</param>
    /// <exception cref="HesseException">64: no such name, or devices for a processor; 69: not available here.</exception>
    public static IBackend Open(
        string name = Automatic,
        int threads = 0,
        IReadOnlyList<int>? devices = null,
        Action<string>? notice = null
    ) =>
        name switch
        {
            Automatic => OpenFastest(threads, devices, notice),
            "cpu" or "reference" when devices is not null => throw new HesseException(
                ExitCode.Usage,
                $"--devices {string.Join(',', devices)}: the devices are those of --backend cuda, not of {name}"
            ),
            "cpu" => new CpuBackend(threads),
            "reference" => new ReferenceBackend(),
            "cuda" => new CudaBackend(devices, threads, notice),
            _ => throw new HesseException(ExitCode.Usage, NearestName.Unknown("backend", name, Names)),
        };

    private static IBackend OpenFastest(int threads, IReadOnlyList<int>? devices, Action<string>? notice)
    {
        string reason;
        try
        {
            CudaBackend cuda = new(devices, threads, notice);
            if (!cuda.IsEmulated)
            {
                return cuda;
            }

            cuda.Dispose();
            reason = "the only CUDA device is the emulator, which is for tests";
        }
        catch (HesseException failure) when (failure.Code is ExitCode.DeviceUnavailable or ExitCode.DeviceFailed)
        {
            if (failure.Code == ExitCode.DeviceUnavailable && !CudaLibraries.IsExpected)
            {
                return new CpuBackend(threads);
            }

            // Where it was looked for is told to whoever asks for CUDA by name.
            reason = failure.Message.Split(CudaLibraries.LookedIn)[0];
        }

        string unused = devices is null ? string.Empty : $"; --devices {string.Join(',', devices)} is not used";
        notice?.Invoke($"backend cpu: {reason}{unused}");
        return new CpuBackend(threads);
    }
}
