namespace Hesse.Backends.Cuda;

/// <summary>What CUDA offers on this machine.</summary>
internal sealed class CudaSystem
{
    // cuDriverGetVersion of CUDA 11.8.
    private const int OldestDriver = 11080;

    private CudaSystem(int driverVersion, int devices)
    {
        DriverVersion = driverVersion;
        Devices = devices;
        CudaLibraries.RequireNvrtc(driverVersion / 1000);
        CudaStatus.CheckCompiler(Nvrtc.nvrtcVersion(out int major, out int minor));
        CompilerVersion = (major, minor);
    }

    /// <summary>CUDA version of the driver, 1000 major + 10 minor.</summary>
    public int DriverVersion { get; }

    /// <summary>Version of NVRTC.</summary>
    public (int Major, int Minor) CompilerVersion { get; }

    /// <summary>Number of visible devices, at least 1.</summary>
    public int Devices { get; }

    /// <summary>Loads driver and compiler.</summary>
    /// <exception cref="HesseException">69: something is missing; the message names the remedy.</exception>
    public static CudaSystem Open()
    {
        CudaLibraries.RequireDriver();
        if (Driver.cuDriverGetVersion(out int version) == Driver.Success && version < OldestDriver)
        {
            throw Unavailable(
                $"the NVIDIA driver is too old: it supports CUDA {Version(version)}, 11.8 or newer is needed; update the driver"
            );
        }

        int status = Driver.cuInit(0);
        int devices = 0;
        if (status == Driver.Success)
        {
            CudaStatus.Check(Driver.cuDeviceGetCount(out devices));
        }
        else if (status != Driver.NoDevice)
        {
            throw Unavailable($"the NVIDIA driver does not start: {CudaStatus.Text(status)}; see nvidia-smi");
        }

        if (devices == 0)
        {
            string? visible = Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES");
            throw Unavailable(
                visible switch
                {
                    null => "the NVIDIA driver finds no CUDA device; see nvidia-smi",
                    "" => "CUDA_VISIBLE_DEVICES is empty and hides every CUDA device; unset it, or name a device",
                    _ => $"CUDA_VISIBLE_DEVICES={visible} names no CUDA device of this machine; correct or unset it",
                }
            );
        }

        return new CudaSystem(version, devices);
    }

    /// <summary>12.4 for 12040.</summary>
    public static string Version(int version) => $"{version / 1000}.{version % 1000 / 10}";

    private static HesseException Unavailable(string message) => new(ExitCode.DeviceUnavailable, message);
}
