namespace Hesse.Stores;

/// <summary>Says what a failure of the disk means to the user.</summary>
internal static class StoreFailure
{
    // What Linux calls ENOSPC and EDQUOT; Windows' ERROR_DISK_FULL arrives as an HRESULT.
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    // EBADF: a stream that the caller closed (`>&-`). .NET reports it as a lack of permission, which it is not.
    private const int NotOpen = 9;

    /// <summary>Whether a failure came from the disk.</summary>
    public static bool Is(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or System.Security.SecurityException;

    /// <summary>The failure with its exit code: 77 without permission, else 74.</summary>
    /// <param name="failure">What the disk said.</param>
    /// <param name="path">Where.</param>
    /// <param name="needed">Bytes that were to be written, when known.</param>
    public static HesseException Translate(Exception failure, string path, long needed = 0)
    {
        if (failure.InnerException?.HResult == NotOpen)
        {
            return new HesseException(ExitCode.InputOutput, $"{path}: is closed", failure);
        }

        if (failure is UnauthorizedAccessException or System.Security.SecurityException)
        {
            return new HesseException(ExitCode.NoPermission, $"{path}: no permission ({OneLine(failure)})", failure);
        }

        string bytes = needed > 0 ? $", {needed} bytes are needed" : string.Empty;
        return failure.HResult is NoSpace or QuotaExceeded or WindowsDiskFull
            ? new HesseException(ExitCode.InputOutput, $"{path}: the disk is full{bytes}", failure)
            : new HesseException(ExitCode.InputOutput, $"{path}: {OneLine(failure)}", failure);
    }

    private static string OneLine(Exception failure) => failure.Message.ReplaceLineEndings(" ");
}
