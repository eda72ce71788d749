using System.Security.Cryptography;

namespace Hesse.Stores;

/// <summary>Passes bytes on to a stream and sums them up: what was meant to be written, whatever the disk made of it.</summary>
internal sealed class ChecksumStream(Stream inner) : Stream
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Crc32C _crc32C;

    public Stream Inner => inner;

    public long Bytes { get; private set; }

    public string Crc32C => _crc32C.Hex;

    /// <summary>SHA-256 in lower-case hexadecimal digits.</summary>
    public string Sha256 => Convert.ToHexStringLower(_sha256.GetCurrentHash());

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => Bytes;

    public override long Position
    {
        get => Bytes;
        set => throw new NotSupportedException();
    }

    /// <summary>Length, CRC-32C and SHA-256 of a whole file.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static (long Bytes, string Crc32C, string Sha256) OfFile(
        IFiles files,
        string path,
        CancellationToken stop = default
    )
    {
        using Stream file = files.Open(path);
        using ChecksumStream sums = new(Null);
        byte[] buffer = new byte[1 << 20];
        for (int read; (read = file.Read(buffer)) > 0; )
        {
            stop.ThrowIfCancellationRequested();
            sums.Write(buffer.AsSpan(0, read));
        }

        return (sums.Bytes, sums.Crc32C, sums.Sha256);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        _crc32C.Append(buffer);
        _sha256.AppendData(buffer);
        Bytes += buffer.Length;
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _sha256.Dispose();
        }

        base.Dispose(disposing);
    }
}
