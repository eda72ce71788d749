using System.Numerics;

namespace Hesse.Stores;

/// <summary>Writes one array file row after row, rounding to its element type, and sums it up.</summary>
internal sealed class ArrayWriter : IDisposable
{
    private readonly IFiles _files;
    private readonly string _path;
    private readonly ArrayLayout _layout;
    private readonly IReadOnlyList<long> _shape;
    private readonly ChecksumStream _stream;
    private readonly NpyWriter _writer;
    private readonly long _length;

    public ArrayWriter(IFiles files, string path, ArrayLayout layout, int replicas)
    {
        _files = files;
        _path = path;
        _layout = layout;
        _shape = layout.Shape(replicas);
        _length = checked(
            NpyHeader.ToBytes(layout.Type, _shape).Length
            + (replicas * layout.RowLength * NpyHeader.SizeOf(layout.Type))
        );
        _stream = Guarded(() => new ChecksumStream(files.Create(path)));
        try
        {
            _writer = Guarded(() => new NpyWriter(_stream, layout.Type, _shape));
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>Adds values in C order.</summary>
    /// <exception cref="HesseException">74, with the bytes that the whole file needs.</exception>
    public void Append<T>(ReadOnlySpan<T> values)
        where T : unmanaged, INumber<T>
    {
        try
        {
            _writer.Write(values);
        }
        catch (Exception failure) when (StoreFailure.Is(failure))
        {
            throw StoreFailure.Translate(failure, _path, _length);
        }
    }

    /// <summary>Adds bytes that are already in the file's form.</summary>
    /// <exception cref="HesseException">74, with the bytes that the whole file needs.</exception>
    public void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception failure) when (StoreFailure.Is(failure))
        {
            throw StoreFailure.Translate(failure, _path, _length);
        }
    }

    /// <summary>Brings the file to the disk and describes it.</summary>
    /// <exception cref="InvalidOperationException">Not every element was written.</exception>
    public ArrayRecord Finish()
    {
        if (_stream.Bytes != _length)
        {
            throw new InvalidOperationException($"{_path}: {_stream.Bytes} of {_length} bytes were written");
        }

        _ = Guarded(() =>
        {
            _stream.Flush();
            _files.Sync(_stream.Inner);
            return _length;
        });
        return new ArrayRecord
        {
            Quantity = _layout.Quantity,
            Part = _layout.Part,
            File = _layout.FileName,
            Bytes = _stream.Bytes,
            DType = NpyHeader.Describe(_layout.Type),
            Shape = _shape,
            Crc32C = _stream.Crc32C,
            Sha256 = _stream.Sha256,
            Times = _layout.Times,
            Options = _layout.Options,
        };
    }

    public void Dispose() => _stream.Dispose();

    private T Guarded<T>(Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception failure) when (StoreFailure.Is(failure))
        {
            throw StoreFailure.Translate(failure, _path, _length);
        }
    }
}
