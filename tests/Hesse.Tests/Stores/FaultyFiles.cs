using Hesse.Stores;

namespace Hesse.Tests.Stores;

/// <summary>
/// A disk that fails at the N-th call that changes something, once or from then on; nothing before it is lost. It counts
/// the calls for durability without waiting for the hardware.
/// </summary>
internal sealed class FaultyFiles(int failAt, bool persistent, int error) : IFiles
{
    private readonly DiskFiles _disk = new();

    public int Calls { get; private set; }

    public bool Failed { get; private set; }

    public void CreateFolder(string path) => Guarded(() => _disk.CreateFolder(path), path);

    public Stream Create(string path)
    {
        Step(path);
        return new FaultyStream(this, _disk.Create(path), path);
    }

    public Stream Open(string path) => _disk.Open(path);

    public void Append(string path, string text) => Guarded(() => _disk.Append(path, text), path);

    /// <summary>A disk that never fails.</summary>
    public static FaultyFiles Sound => new(0, persistent: false, error: 0);

    public void Sync(Stream file) => Step("sync");

    public void SyncFolder(string path) => Step(path);

    public void MoveFile(string from, string to) => Guarded(() => _disk.MoveFile(from, to), to);

    public void MoveFolder(string from, string to) => Guarded(() => _disk.MoveFolder(from, to), to);

    public void DeleteFile(string path) => Guarded(() => _disk.DeleteFile(path), path);

    public void DeleteFolder(string path) => Guarded(() => _disk.DeleteFolder(path), path);

    public bool FileExists(string path) => _disk.FileExists(path);

    public bool FolderExists(string path) => _disk.FolderExists(path);

    public long Length(string path) => _disk.Length(path);

    public IReadOnlyList<string> Folders(string path) => _disk.Folders(path);

    public IReadOnlyList<string> Files(string path) => _disk.Files(path);

    public IDisposable Lock(string path, bool shared) => _disk.Lock(path, shared);

    public void Step(string path)
    {
        Calls++;
        if (Calls == failAt || (persistent && Calls > failAt))
        {
            Failed = true;
            throw error == 13
                ? new UnauthorizedAccessException($"Access to the path '{path}' is denied.")
                : new IOException($"No space left on device : '{path}'", error);
        }
    }

    private void Guarded(Action action, string path)
    {
        Step(path);
        action();
    }

    /// <summary>A write fails half-way: part of the bytes arrive, as on a full disk.</summary>
    private sealed class FaultyStream(FaultyFiles owner, Stream inner, string path) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => inner.Position = value;
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                owner.Step(path);
            }
            catch
            {
                inner.Write(buffer[..(buffer.Length / 2)]);
                throw;
            }

            inner.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
