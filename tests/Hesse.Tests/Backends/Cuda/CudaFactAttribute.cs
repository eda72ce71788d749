using Hesse.Backends.Cuda;

namespace Hesse.Tests.Backends.Cuda;

/// <summary>A test that needs a CUDA device or the emulator of native/emulator; skipped with the reason where there is neither.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute() => Skip = CudaForTests.Absent;
}

/// <summary>A test that makes the emulator fail.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EmulatorFactAttribute : FactAttribute
{
    public EmulatorFactAttribute() => Skip = CudaForTests.NotEmulated;
}

/// <summary>The same for a test with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EmulatorTheoryAttribute : TheoryAttribute
{
    public EmulatorTheoryAttribute() => Skip = CudaForTests.NotEmulated;
}

/// <summary>The same for a test with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaTheoryAttribute : TheoryAttribute
{
    public CudaTheoryAttribute() => Skip = CudaForTests.Absent;
}

/// <summary>Which CUDA the tests run on: the one that HESSE_CUDA_LIBRARIES names, else the emulator in artifacts/emulator.</summary>
internal static class CudaForTests
{
    /// <summary>Why there is none; null where there is one.</summary>
    public static string? Absent { get; } = Find();

    /// <summary>Why nothing can be told to fail; null on the emulator.</summary>
    public static string? NotEmulated =>
        Absent
        ?? (
            Environment.GetEnvironmentVariable(CudaLibraries.Variable) == Emulator
                ? null
                : "a device cannot be told to fail"
        );

    /// <summary>The root of the repository.</summary>
    public static string Repository
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Engine.sln")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("the repository's root");
            }

            return folder;
        }
    }

    /// <summary>Where the emulator's libraries are built.</summary>
    public static string Emulator => Path.Combine(Repository, "artifacts", "emulator");

    private static string? Find()
    {
        Environment.SetEnvironmentVariable(
            KernelCache.Variable,
            Path.Combine(Repository, "artifacts", "kernels-of-tests")
        );
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(CudaLibraries.Variable)))
        {
            return null;
        }

        if (!File.Exists(Path.Combine(Emulator, "libcuda.so.1")))
        {
            return "there is no artifacts/emulator; build it with dotnet cake --target=Emulator";
        }

        Environment.SetEnvironmentVariable(CudaLibraries.Variable, Emulator);
        return null;
    }
}

/// <summary>One backend for all tests of CUDA, which run one after the other: they would only wait for each other's cores.</summary>
public sealed class CudaFixture : IDisposable
{
    private readonly Lazy<CudaBackend> _backend = new(() => new CudaBackend(threads: 2));

    public CudaBackend Backend => _backend.Value;

    public void Dispose()
    {
        if (_backend.IsValueCreated)
        {
            Backend.Dispose();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class OneCudaDevice : ICollectionFixture<CudaFixture>
{
    public const string Name = "cuda";
}
