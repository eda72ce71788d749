using Hesse.Specs;

namespace Hesse.Backends.Cuda;

/// <summary>
/// Which of NVIDIA's libraries compute in the place of our own kernels. None does unless it is asked for: which is faster depends on the
/// card and is measured by hesse bench, and results of one folder come from one of them (<see cref="CudaBackend.Architecture"/>).
/// </summary>
/// <param name="Solver">cuSOLVER's batched solver for eigenvalues.</param>
/// <param name="Blas">cuBLAS' batched products for training and measuring nets that do not fit in shared memory.</param>
internal sealed record LibraryUse(bool Solver, bool Blas)
{
    /// <summary>Names of libraries with commas between them.</summary>
    public const string Variable = "HESSE_CUDA_USE";

    private const string SolverName = "cusolver";
    private const string BlasName = "cublas";

    /// <summary>Our own kernels alone.</summary>
    public static LibraryUse None { get; } = new(false, false);

    /// <summary>What the environment asks for.</summary>
    /// <exception cref="HesseException">64: it names something else.</exception>
    public static LibraryUse Asked => Parse(Environment.GetEnvironmentVariable(Variable) ?? string.Empty);

    /// <summary>Reads the variable's value.</summary>
    /// <exception cref="HesseException">64: it names something else.</exception>
    internal static LibraryUse Parse(string value)
    {
        LibraryUse use = None;
        foreach (
            string name in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        )
        {
            use = name switch
            {
                SolverName => use with { Solver = true },
                BlasName => use with { Blas = true },
                _ => throw new HesseException(
                    ExitCode.Usage,
                    $"{Variable}: {NearestName.Unknown("library", name, [SolverName, BlasName])}"
                ),
            };
        }

        return use;
    }
}
