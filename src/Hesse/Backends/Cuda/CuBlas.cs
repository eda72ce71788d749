using System.Runtime.InteropServices;

namespace Hesse.Backends.Cuda;

/// <summary>The entry points of cuBLAS that are called, under their own names. Each gives a cublasStatus_t, 0 when all is well.</summary>
internal static unsafe partial class CuBlas
{
    /// <summary>Found by <see cref="CudaLibraries"/>.</summary>
    public const string Library = "hesse-cublas";

    /// <summary>CUBLAS_OP_N</summary>
    public const int AsItIs = 0;

    /// <summary>CUBLAS_OP_T</summary>
    public const int Transposed = 1;

    /// <summary>CUBLAS_PEDANTIC_MATH: the arithmetic of the type itself, neither TF32 nor emulation.</summary>
    public const int PedanticMath = 2;

    /// <summary>The name of a status.</summary>
    public static string Text(int status) =>
        status switch
        {
            1 => "CUBLAS_STATUS_NOT_INITIALIZED (1)",
            3 => "CUBLAS_STATUS_ALLOC_FAILED (3)",
            7 => "CUBLAS_STATUS_INVALID_VALUE (7)",
            8 => "CUBLAS_STATUS_ARCH_MISMATCH (8)",
            11 => "CUBLAS_STATUS_MAPPING_ERROR (11)",
            13 => "CUBLAS_STATUS_EXECUTION_FAILED (13)",
            14 => "CUBLAS_STATUS_INTERNAL_ERROR (14)",
            15 => "CUBLAS_STATUS_NOT_SUPPORTED (15)",
            _ => $"status {status}",
        };

    [LibraryImport(Library)]
    public static partial int cublasCreate_v2(out nint handle);

    [LibraryImport(Library)]
    public static partial int cublasDestroy_v2(nint handle);

    [LibraryImport(Library)]
    public static partial int cublasGetVersion_v2(nint handle, out int version);

    [LibraryImport(Library)]
    public static partial int cublasSetMathMode(nint handle, int mode);

    [LibraryImport(Library)]
    public static partial int cublasSgemmStridedBatched(
        nint handle,
        int leftOperation,
        int rightOperation,
        int rows,
        int columns,
        int depth,
        float* alpha,
        nint left,
        int leftLeading,
        long leftStride,
        nint right,
        int rightLeading,
        long rightStride,
        float* beta,
        nint result,
        int leading,
        long stride,
        int batch
    );

    [LibraryImport(Library)]
    public static partial int cublasDgemmStridedBatched(
        nint handle,
        int leftOperation,
        int rightOperation,
        int rows,
        int columns,
        int depth,
        double* alpha,
        nint left,
        int leftLeading,
        long leftStride,
        nint right,
        int rightLeading,
        long rightStride,
        double* beta,
        nint result,
        int leading,
        long stride,
        int batch
    );
}
