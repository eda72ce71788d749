using System.Security.Cryptography;
using System.Text;

namespace Hesse.Backends.Cuda;

/// <summary>
/// Compiled kernels on disk, by the hash of everything that they were made from. An entry is written beside its place and renamed, so
/// processes may share the folder; one that was damaged is compiled again. Where the folder cannot be written, nothing is kept.
/// </summary>
internal sealed class KernelCache(string folder, Action<string> notice)
{
    /// <summary>Instead of the usual folder.</summary>
    public const string Variable = "HESSE_KERNEL_CACHE";

    private static ReadOnlySpan<byte> Magic => "HESSEKERNEL1\n"u8;

    /// <summary>HESSE_KERNEL_CACHE, else hesse/kernels in XDG_CACHE_HOME or ~/.cache.</summary>
    public static string UsualFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } own)
            {
                return Path.GetFullPath(own);
            }

            string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            string root = Path.IsPathFullyQualified(cache ?? string.Empty)
                ? cache!
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            return Path.Combine(root, "hesse", "kernels");
        }
    }

    /// <summary>SHA-256 of the source and of what else decides about the code.</summary>
    public static string Key(string source, IEnumerable<string> further) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [.. further, source]))));

    /// <summary>Where an entry lies.</summary>
    public string PathOf(string key) => Path.Combine(folder, $"{key}.kernel");

    /// <summary>Reads an entry; a damaged one is told and taken for absent.</summary>
    public bool TryRead(string key, out byte[] image)
    {
        image = [];
        try
        {
            byte[] entry = File.ReadAllBytes(PathOf(key));
            int head = Magic.Length + SHA256.HashSizeInBytes;
            if (
                entry.Length > head
                && entry.AsSpan().StartsWith(Magic)
                && SHA256
                    .HashData(entry.AsSpan(head))
                    .AsSpan()
                    .SequenceEqual(entry.AsSpan(Magic.Length, SHA256.HashSizeInBytes))
            )
            {
                image = entry[head..];
                return true;
            }

            notice($"kernel cache: {PathOf(key)} is damaged; compiling it again");
            return false;
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes an entry; a full disk or a folder without permission is told and costs nothing else.</summary>
    public void Write(string key, ReadOnlySpan<byte> image)
    {
        string temporary = Path.Combine(folder, $"{key}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(Magic);
                file.Write(SHA256.HashData(image));
                file.Write(image);
            }

            File.Move(temporary, PathOf(key), overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            notice(
                $"kernel cache: {folder} cannot be written ({failure.Message}); kernels are compiled in every process"
            );
            Remove(temporary);
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It was never made, or cannot be removed for the reason that has just been told.
        }
    }
}
