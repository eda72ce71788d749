namespace Hesse.Stores;

/// <summary>
/// Every access of the store to a disk. The one seam between results and the operating system: tests put a disk behind it
/// that fails at the N-th call.
/// </summary>
internal interface IFiles
{
    /// <summary>Creates a folder and its parents; nothing happens when it exists.</summary>
    void CreateFolder(string path);

    /// <summary>A new, empty file for writing; an old one of that name is lost.</summary>
    Stream Create(string path);

    /// <summary>An existing file for reading.</summary>
    Stream Open(string path);

    /// <summary>Adds text to the end of a file with one write.</summary>
    void Append(string path, string text);

    /// <summary>Returns when the file's bytes are on the disk.</summary>
    void Sync(Stream file);

    /// <summary>Returns when the folder's entries are on the disk.</summary>
    void SyncFolder(string path);

    /// <summary>Renames a file over whatever file has the new name.</summary>
    void MoveFile(string from, string to);

    /// <summary>Renames a folder; the new name must be free.</summary>
    void MoveFolder(string from, string to);

    /// <summary>Deletes a file, if it is there.</summary>
    void DeleteFile(string path);

    /// <summary>Deletes a folder with its contents, if it is there.</summary>
    void DeleteFolder(string path);

    /// <summary>Whether a file has this name.</summary>
    bool FileExists(string path);

    /// <summary>Whether a folder has this name.</summary>
    bool FolderExists(string path);

    /// <summary>Bytes of a file.</summary>
    long Length(string path);

    /// <summary>Names of the folders inside a folder, in ordinal order; none when it is absent.</summary>
    IReadOnlyList<string> Folders(string path);

    /// <summary>Names of the files inside a folder, in ordinal order; none when it is absent.</summary>
    IReadOnlyList<string> Files(string path);

    /// <summary>Locks a file, created when absent, against other processes until disposed; shared or alone. IOException when it is taken.</summary>
    IDisposable Lock(string path, bool shared);
}
