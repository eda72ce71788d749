using System.Runtime.InteropServices;
using System.Text;

namespace Hesse.Stores;

/// <summary>The real disk.</summary>
internal sealed partial class DiskFiles : IFiles
{
    private const int OpenDirectory = 0x10000;

    public static DiskFiles Instance { get; } = new();

    public void CreateFolder(string path) => Directory.CreateDirectory(path);

    public Stream Create(string path) =>
        new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public Stream Open(string path) =>
        new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    public void Append(string path, string text)
    {
        using FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    public void Sync(Stream file) => ((FileStream)file).Flush(flushToDisk: true);

    public void SyncFolder(string path)
    {
        // .NET opens no folders. Elsewhere than on Linux durability is not promised (a rename is still atomic).
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        int folder = OpenFile(path, OpenDirectory);
        int result = folder < 0 ? -1 : SyncFile(folder);
        int error = Marshal.GetLastPInvokeError();
        if (folder >= 0)
        {
            _ = CloseFile(folder);
        }

        if (result != 0)
        {
            throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'", error);
        }
    }

    public void MoveFile(string from, string to) => File.Move(from, to, overwrite: true);

    public void MoveFolder(string from, string to) => Directory.Move(from, to);

    public void DeleteFile(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    public void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    public bool FileExists(string path) => File.Exists(path);

    public bool FolderExists(string path) => Directory.Exists(path);

    public long Length(string path) => new FileInfo(path).Length;

    public IReadOnlyList<string> Folders(string path) => Names(path, Directory.GetDirectories);

    public IReadOnlyList<string> Files(string path) => Names(path, Directory.GetFiles);

    public IDisposable Lock(string path, bool shared) =>
        shared
            // FileShare.None is an exclusive flock, every other mode a shared one.
            ? new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read)
            : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static string[] Names(string path, Func<string, string[]> list)
    {
        if (!Directory.Exists(path))
        {
            return [];
        }

        string[] names = Array.ConvertAll(list(path), item => Path.GetFileName(item));
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SyncFile(int file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CloseFile(int file);
}
