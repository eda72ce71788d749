namespace Hesse.Backends.Cuda;

/// <summary>The CUDA devices of a machine.</summary>
public sealed record CudaInventory
{
    private CudaInventory() { }

    /// <summary>CUDA version that the driver supports.</summary>
    public required string DriverVersion { get; init; }

    /// <summary>Version of NVRTC.</summary>
    public required string CompilerVersion { get; init; }

    /// <summary>Version of cuSOLVER; null where there is none that solves for many matrices.</summary>
    public required string? SolverVersion { get; init; }

    /// <summary>Version of cuBLAS; null where there is none.</summary>
    public required string? BlasVersion { get; init; }

    /// <summary>The visible devices, at least one.</summary>
    public required IReadOnlyList<CudaInventoryDevice> Devices { get; init; }

    /// <summary>Asks driver and compiler.</summary>
    /// <exception cref="HesseException">69: there is no device; the message names the remedy.</exception>
    public static CudaInventory Take()
    {
        CudaSystem system = CudaSystem.Open();
        return new CudaInventory
        {
            DriverVersion = CudaSystem.Version(system.DriverVersion),
            CompilerVersion = $"{system.CompilerVersion.Major}.{system.CompilerVersion.Minor}",
            SolverVersion = VersionOf(
                () => CudaLibraries.RequireSolver(system.DriverVersion / 1000),
                static () =>
                {
                    using SolverContext solver = new();
                    return solver.Version;
                }
            ),
            BlasVersion = VersionOf(
                () => CudaLibraries.RequireBlas(system.DriverVersion / 1000),
                static () =>
                {
                    using BlasContext blas = new();
                    return blas.Version;
                }
            ),
            Devices = [.. Enumerable.Range(0, system.Devices).Select(Describe)],
        };
    }

    private static string? VersionOf(Action require, Func<string> version)
    {
        try
        {
            require();
        }
        catch (HesseException missing) when (missing.Code == ExitCode.DeviceUnavailable)
        {
            return null;
        }

        CudaStatus.Check(Driver.cuDeviceGet(out int device, 0));
        using CudaContext context = new(device);
        context.MakeCurrent();
        return version();
    }

    private static CudaInventoryDevice Describe(int ordinal)
    {
        DeviceProperties properties = DeviceProperties.Of(ordinal);
        CudaStatus.Check(Driver.cuDeviceGet(out int device, ordinal));
        using CudaContext context = new(device);
        context.MakeCurrent();
        CudaStatus.Check(Driver.cuMemGetInfo_v2(out nuint free, out _));
        return new CudaInventoryDevice(
            ordinal,
            properties.Name,
            properties.Architecture,
            properties.Multiprocessors,
            properties.Bytes,
            (long)free,
            properties.SharedBytesPerBlock
        );
    }
}

/// <summary>One device.</summary>
/// <param name="Number">What --devices takes.</param>
/// <param name="Name">As NVIDIA calls it.</param>
/// <param name="Architecture">sm_90 and the like.</param>
/// <param name="Multiprocessors">Streaming multiprocessors.</param>
/// <param name="Bytes">Memory.</param>
/// <param name="FreeBytes">What of it is free now.</param>
/// <param name="SharedBytesPerBlock">Shared memory that one block can have.</param>
public sealed record CudaInventoryDevice(
    int Number,
    string Name,
    string Architecture,
    int Multiprocessors,
    long Bytes,
    long FreeBytes,
    int SharedBytesPerBlock
);
