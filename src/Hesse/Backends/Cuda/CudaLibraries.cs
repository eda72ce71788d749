using System.Reflection;
using System.Runtime.InteropServices;

namespace Hesse.Backends.Cuda;

/// <summary>
/// Finds NVIDIA's driver library, and NVRTC, cuSOLVER and cuBLAS of CUDA 11.8 to 13. Only absolute folders are looked into, never the current one:
/// HESSE_CUDA_LIBRARIES, LD_LIBRARY_PATH, toolkits, Python wheels and conda environments, then the system's own.
/// </summary>
internal static class CudaLibraries
{
    /// <summary>A folder that comes before all others.</summary>
    public const string Variable = "HESSE_CUDA_LIBRARIES";

    /// <summary>What stands in messages before the folders that were searched.</summary>
    internal const string LookedIn = "; looked in ";

    private static readonly int[] s_blasVersions = [13, 12, 11];
    private static readonly Lock s_lock = new();
    private static nint s_driver;
    private static nint s_nvrtc;
    private static nint s_solver;
    private static nint s_blas;
    private static bool s_resolving;

    /// <summary>
    /// Whether somebody may expect CUDA here: a folder of libraries is named, or a device of NVIDIA's is plugged in. Elsewhere there is
    /// nothing to say about its absence.
    /// </summary>
    public static bool IsExpected =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable))
        || Children("/sys/bus/pci/devices", "*")
            .Select(device => Path.Combine(device, "vendor"))
            .Any(vendor => File.Exists(vendor) && File.ReadAllText(vendor).Trim() == "0x10de");

    /// <summary>Loads the driver's library.</summary>
    /// <exception cref="HesseException">69: there is none.</exception>
    public static void RequireDriver()
    {
        lock (s_lock)
        {
            if (!OperatingSystem.IsLinux())
            {
                throw new HesseException(
                    ExitCode.DeviceUnavailable,
                    "backend cuda runs on Linux only; use --backend cpu"
                );
            }

            Resolve();
            if (s_driver == 0 && !TryLoad(["libcuda.so.1", "libcuda.so"], SystemFolders, out s_driver))
            {
                throw new HesseException(
                    ExitCode.DeviceUnavailable,
                    $"no NVIDIA driver (libcuda.so.1); install it, or name its folder in {Variable}"
                        + $"{LookedIn}{string.Join(", ", Folders(SystemFolders))}"
                );
            }
        }
    }

    /// <summary>Loads NVRTC, of a CUDA version that the driver can run where there is a choice.</summary>
    /// <param name="driverMajor">Major CUDA version of the driver.</param>
    /// <exception cref="HesseException">69: there is none.</exception>
    public static void RequireNvrtc(int driverMajor)
    {
        lock (s_lock)
        {
            Resolve();
            string[] names =
            [
                .. new[] { (13, "libnvrtc.so.13"), (12, "libnvrtc.so.12"), (11, "libnvrtc.so.11.2") }
                    .OrderBy(version => version.Item1 > driverMajor)
                    .Select(version => version.Item2),
                "libnvrtc.so",
            ];
            if (s_nvrtc == 0 && !TryLoad(names, ToolkitFolders, out s_nvrtc))
            {
                throw new HesseException(
                    ExitCode.DeviceUnavailable,
                    "no NVRTC, CUDA's run-time compiler (libnvrtc.so.13, .12 or .11.2); install the CUDA toolkit or pip's "
                        + $"nvidia-cuda-nvrtc, or name the library's folder in {Variable}"
                        + $"{LookedIn}{string.Join(", ", Folders(ToolkitFolders))}"
                );
            }
        }
    }

    /// <summary>Loads cuSOLVER, of the driver's CUDA version where there is a choice.</summary>
    /// <param name="driverMajor">Major CUDA version of the driver.</param>
    /// <exception cref="HesseException">69: there is none, or one without a solver for many matrices.</exception>
    public static void RequireSolver(int driverMajor)
    {
        lock (s_lock)
        {
            Resolve();
            string[] names =
                driverMajor >= 13
                    ? ["libcusolver.so.12", "libcusolver.so.11"]
                    : ["libcusolver.so.11", "libcusolver.so.12"];
            if (s_solver == 0 && !TryLoad(names, ToolkitFolders, out s_solver))
            {
                throw Missing("cuSOLVER (libcusolver.so.11 or .12)", "cusolver");
            }

            if (!NativeLibrary.TryGetExport(s_solver, CuSolver.Batched, out _))
            {
                throw new HesseException(
                    ExitCode.DeviceUnavailable,
                    $"this cuSOLVER has no solver for many matrices ({CuSolver.Batched}); install that of CUDA 12.6.2 or newer, "
                        + $"or leave cusolver out of {LibraryUse.Variable}"
                );
            }
        }
    }

    /// <summary>Loads cuBLAS, of the driver's CUDA version where there is a choice.</summary>
    /// <param name="driverMajor">Major CUDA version of the driver.</param>
    /// <exception cref="HesseException">69: there is none.</exception>
    public static void RequireBlas(int driverMajor)
    {
        lock (s_lock)
        {
            Resolve();
            string[] names =
            [
                .. s_blasVersions.OrderBy(major => major > driverMajor).Select(major => $"libcublas.so.{major}"),
            ];
            if (s_blas == 0 && !TryLoad(names, ToolkitFolders, out s_blas))
            {
                throw Missing("cuBLAS (libcublas.so.13, .12 or .11)", "cublas");
            }
        }
    }

    /// <summary>The folders looked into, those that exist, in order.</summary>
    internal static IReadOnlyList<string> Folders(Func<IEnumerable<string>> further) =>
        [
            .. new[] { Variable, "LD_LIBRARY_PATH" }
                .SelectMany(name =>
                    (Environment.GetEnvironmentVariable(name) ?? string.Empty).Split(
                        ':',
                        StringSplitOptions.RemoveEmptyEntries
                    )
                )
                .Concat(further())
                .Where(Path.IsPathFullyQualified)
                .Select(folder => Path.GetFullPath(folder).TrimEnd('/'))
                .Distinct(StringComparer.Ordinal)
                .Where(Directory.Exists),
        ];

    internal static IEnumerable<string> SystemFolders()
    {
        string machine = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";
        return
        [
            $"/usr/lib/{machine}-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/nvidia/lib64",
            "/usr/lib/wsl/lib",
            "/run/opengl-driver/lib",
            "/usr/local/cuda/compat",
        ];
    }

    internal static IEnumerable<string> ToolkitFolders()
    {
        IEnumerable<string> toolkits = Values("CUDA_HOME", "CUDA_PATH")
            .Concat(Children("/usr/local", "cuda*").OrderDescending(StringComparer.Ordinal))
            .Append("/opt/cuda")
            .SelectMany(root => new[] { Path.Combine(root, "lib64"), Path.Combine(root, "targets/x86_64-linux/lib") });
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        IEnumerable<string> environments = Values("VIRTUAL_ENV", "CONDA_PREFIX");
        IEnumerable<string> wheels = environments
            .Append(Path.Combine(home, ".local"))
            .Concat(["/usr/local", "/usr"])
            .SelectMany(root => Children(Path.Combine(root, "lib"), "python3*"))
            .SelectMany(python =>
                new[] { Path.Combine(python, "site-packages"), Path.Combine(python, "dist-packages") }
            )
            .SelectMany(packages => Children(Path.Combine(packages, "nvidia"), "*"))
            .Select(package => Path.Combine(package, "lib"));
        return toolkits
            .Concat(wheels)
            .Concat(environments.Select(root => Path.Combine(root, "lib")))
            .Concat(SystemFolders());
    }

    private static HesseException Missing(string library, string name) =>
        new(
            ExitCode.DeviceUnavailable,
            $"no {library}; install the CUDA toolkit or pip's nvidia-{name}, name the library's folder in {Variable}, or leave {name} out of "
                + $"{LibraryUse.Variable}{LookedIn}{string.Join(", ", Folders(ToolkitFolders))}"
        );

    private static IEnumerable<string> Values(params string[] names) =>
        names.Select(Environment.GetEnvironmentVariable).OfType<string>();

    private static IEnumerable<string> Children(string folder, string pattern) =>
        Path.IsPathFullyQualified(folder) && Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, pattern)
            : [];

    private static bool TryLoad(IEnumerable<string> names, Func<IEnumerable<string>> further, out nint library)
    {
        IReadOnlyList<string> folders = Folders(further);
        // A named folder wins with whatever version it has; after that the version counts more than the folder.
        string? chosen = Environment.GetEnvironmentVariable(Variable);
        foreach (IReadOnlyList<string> group in new[] { folders.Where(IsChosen).ToArray(), [.. folders] })
        {
            foreach (string name in names)
            {
                foreach (string folder in group)
                {
                    if (NativeLibrary.TryLoad(Path.Combine(folder, name), out library))
                    {
                        return true;
                    }
                }
            }
        }

        library = 0;
        return false;

        bool IsChosen(string folder) =>
            chosen?.Split(':').Any(it => it.TrimEnd('/').Equals(folder, StringComparison.Ordinal)) == true;
    }

    private static void Resolve()
    {
        if (!s_resolving)
        {
            s_resolving = true;
            NativeLibrary.SetDllImportResolver(
                typeof(CudaLibraries).Assembly,
                static (string name, Assembly _, DllImportSearchPath? _) =>
                    name switch
                    {
                        Driver.Library => s_driver,
                        Nvrtc.Library => s_nvrtc,
                        CuSolver.Library => s_solver,
                        CuBlas.Library => s_blas,
                        _ => 0,
                    }
            );
        }
    }
}
