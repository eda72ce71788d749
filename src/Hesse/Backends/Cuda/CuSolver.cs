using System.Runtime.InteropServices;

namespace Hesse.Backends.Cuda;

/// <summary>The entry points of cuSOLVER that are called, under their own names. Each gives a cusolverStatus_t, 0 when all is well.</summary>
internal static unsafe partial class CuSolver
{
    /// <summary>Found by <see cref="CudaLibraries"/>.</summary>
    public const string Library = "hesse-cusolver";

    /// <summary>The solver for many matrices, since CUDA 12.6.2.</summary>
    public const string Batched = nameof(cusolverDnXsyevBatched);

    /// <summary>CUSOLVER_EIG_MODE_NOVECTOR</summary>
    public const int NoVectors = 0;

    /// <summary>CUBLAS_FILL_MODE_LOWER: of columns, which is the upper triangle of rows.</summary>
    public const int Lower = 0;

    private static readonly string[] s_names =
    [
        "CUSOLVER_STATUS_SUCCESS",
        "CUSOLVER_STATUS_NOT_INITIALIZED",
        "CUSOLVER_STATUS_ALLOC_FAILED",
        "CUSOLVER_STATUS_INVALID_VALUE",
        "CUSOLVER_STATUS_ARCH_MISMATCH",
        "CUSOLVER_STATUS_MAPPING_ERROR",
        "CUSOLVER_STATUS_EXECUTION_FAILED",
        "CUSOLVER_STATUS_INTERNAL_ERROR",
        "CUSOLVER_STATUS_MATRIX_TYPE_NOT_SUPPORTED",
        "CUSOLVER_STATUS_NOT_SUPPORTED",
    ];

    /// <summary>The name of a status.</summary>
    public static string Text(int status) =>
        status >= 0 && status < s_names.Length ? $"{s_names[status]} ({status})" : $"status {status}";

    [LibraryImport(Library)]
    public static partial int cusolverGetVersion(out int version);

    [LibraryImport(Library)]
    public static partial int cusolverDnCreate(out nint handle);

    [LibraryImport(Library)]
    public static partial int cusolverDnDestroy(nint handle);

    [LibraryImport(Library)]
    public static partial int cusolverDnCreateParams(out nint parameters);

    [LibraryImport(Library)]
    public static partial int cusolverDnDestroyParams(nint parameters);

    [LibraryImport(Library)]
    public static partial int cusolverDnXsyevBatched_bufferSize(
        nint handle,
        nint parameters,
        int vectors,
        int triangle,
        long order,
        int matrixType,
        nint matrices,
        long leading,
        int valueType,
        nint values,
        int computeType,
        out nuint deviceBytes,
        out nuint hostBytes,
        long batch
    );

    [LibraryImport(Library)]
    public static partial int cusolverDnXsyevBatched(
        nint handle,
        nint parameters,
        int vectors,
        int triangle,
        long order,
        int matrixType,
        nint matrices,
        long leading,
        int valueType,
        nint values,
        int computeType,
        nint deviceSpace,
        nuint deviceBytes,
        void* hostSpace,
        nuint hostBytes,
        nint info,
        long batch
    );
}
