namespace Hesse.Stores;

/// <summary>Opens the user's files, turning every failure into one clear line.</summary>
internal static class InputFile
{
    /// <summary>Opens a regular file for reading.</summary>
    /// <exception cref="HesseException">Missing (66), not permitted (77), not a regular file (65) or not readable (74).</exception>
    public static FileStream Open(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new HesseException(ExitCode.BadData, $"{path}: is a folder, not a file");
            }

            FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.CanSeek)
            {
                return stream;
            }

            stream.Dispose();
            throw new HesseException(ExitCode.BadData, $"{path}: is not a regular file");
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HesseException(ExitCode.InputMissing, $"{path}: no such file", cause);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new HesseException(ExitCode.NoPermission, $"{path}: no permission to read it", cause);
        }
        catch (IOException cause)
        {
            throw new HesseException(ExitCode.InputOutput, $"{path}: cannot be opened: {cause.Message}", cause);
        }
    }

    /// <summary>Reads exactly this many bytes.</summary>
    /// <exception cref="HesseException">The file ends before (65) or cannot be read (74).</exception>
    public static void ReadExactly(Stream stream, Span<byte> bytes, string name)
    {
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException cause)
        {
            throw new HesseException(ExitCode.BadData, $"{name}: ends too early", cause);
        }
        catch (IOException cause)
        {
            throw new HesseException(ExitCode.InputOutput, $"{name}: cannot be read: {cause.Message}", cause);
        }
    }
}
