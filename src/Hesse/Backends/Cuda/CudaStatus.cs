using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hesse.Backends.Cuda;

/// <summary>Judges what a call of the driver, of NVRTC, cuSOLVER or cuBLAS gave.</summary>
internal static unsafe class CudaStatus
{
    /// <summary>Throws unless a call of the driver succeeded.</summary>
    /// <exception cref="HesseException">70: with call, file, line and CUDA's own text.</exception>
    public static void Check(
        int status,
        [CallerArgumentExpression(nameof(status))] string call = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0
    )
    {
        if (status != Driver.Success)
        {
            throw new HesseException(ExitCode.DeviceFailed, Describe(Text(status), call, file, line));
        }
    }

    /// <summary>Throws unless a call of NVRTC succeeded.</summary>
    /// <exception cref="HesseException">70: with call, file, line and NVRTC's own text.</exception>
    public static void CheckCompiler(
        int status,
        [CallerArgumentExpression(nameof(status))] string call = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0
    )
    {
        if (status != Driver.Success)
        {
            string text = Marshal.PtrToStringUTF8((nint)Nvrtc.nvrtcGetErrorString(status)) ?? "unknown error";
            throw new HesseException(ExitCode.DeviceFailed, Describe($"{text} ({status})", call, file, line));
        }
    }

    /// <summary>Throws unless a call of cuSOLVER succeeded.</summary>
    /// <exception cref="HesseException">70: with call, file, line and the status's name.</exception>
    public static void CheckSolver(
        int status,
        [CallerArgumentExpression(nameof(status))] string call = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0
    )
    {
        if (status != Driver.Success)
        {
            throw new HesseException(ExitCode.DeviceFailed, Describe(CuSolver.Text(status), call, file, line));
        }
    }

    /// <summary>Throws unless a call of cuBLAS succeeded.</summary>
    /// <exception cref="HesseException">70: with call, file, line and the status's name.</exception>
    public static void CheckBlas(
        int status,
        [CallerArgumentExpression(nameof(status))] string call = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0
    )
    {
        if (status != Driver.Success)
        {
            throw new HesseException(ExitCode.DeviceFailed, Describe(CuBlas.Text(status), call, file, line));
        }
    }

    /// <summary>CUDA_ERROR_INVALID_VALUE (1): invalid argument</summary>
    public static string Text(int status)
    {
        string name =
            Driver.cuGetErrorName(status, out byte* pointer) == Driver.Success ? String(pointer) : "unknown error";
        return Driver.cuGetErrorString(status, out pointer) == Driver.Success
            ? $"{name} ({status}): {String(pointer)}"
            : $"{name} ({status})";
    }

    // The call without its class and its arguments.
    private static string Describe(string text, string call, string file, int line)
    {
        string name = call.Split('(')[0];
        name = name[(name.LastIndexOf('.') + 1)..];
        return $"the CUDA device failed: {name} gave {text} ({Path.GetFileName(file)}, line {line})";
    }

    private static string String(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "unknown error";
}
