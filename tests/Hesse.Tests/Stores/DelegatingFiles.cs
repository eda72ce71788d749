using Hesse.Stores;

namespace Hesse.Tests.Stores;

/// <summary>Passes every call on to another disk; a test overrides the one that it is about.</summary>
internal abstract class DelegatingFiles(IFiles inner) : IFiles
{
    public virtual void CreateFolder(string path) => inner.CreateFolder(path);

    public virtual Stream Create(string path) => inner.Create(path);

    public virtual Stream Open(string path) => inner.Open(path);

    public virtual void Append(string path, string text) => inner.Append(path, text);

    public virtual void Sync(Stream file) => inner.Sync(file);

    public virtual void SyncFolder(string path) => inner.SyncFolder(path);

    public virtual void MoveFile(string from, string to) => inner.MoveFile(from, to);

    public virtual void MoveFolder(string from, string to) => inner.MoveFolder(from, to);

    public virtual void DeleteFile(string path) => inner.DeleteFile(path);

    public virtual void DeleteFolder(string path) => inner.DeleteFolder(path);

    public virtual bool FileExists(string path) => inner.FileExists(path);

    public virtual bool FolderExists(string path) => inner.FolderExists(path);

    public virtual long Length(string path) => inner.Length(path);

    public virtual IReadOnlyList<string> Folders(string path) => inner.Folders(path);

    public virtual IReadOnlyList<string> Files(string path) => inner.Files(path);

    public virtual IDisposable Lock(string path, bool shared) => inner.Lock(path, shared);
}
