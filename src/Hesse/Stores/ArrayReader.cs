using System.Numerics;
using System.Runtime.InteropServices;

namespace Hesse.Stores;

/// <summary>Reads an array file as a matrix of replicas x numbers, a slice of columns at a time.</summary>
internal sealed class ArrayReader : IDisposable
{
    private readonly Stream _stream;
    private byte[] _row = [];

    public ArrayReader(IFiles files, string path)
    {
        _stream = files.Open(path);
        try
        {
            Header = NpyHeader.Read(_stream, path);
            Path = path;
            Columns = Header.Shape.Skip(1).Aggregate(1L, (product, length) => product * length);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>Element type and shape.</summary>
    public NpyHeader Header { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Replicas.</summary>
    public int Rows => checked((int)Header.Shape[0]);

    /// <summary>Numbers of one replica.</summary>
    public long Columns { get; }

    /// <summary>Columns first .. first + count - 1 of every replica, as doubles. (replicas, count)</summary>
    public void ReadColumns(long first, int count, Span<double> block) => ReadRows(0, Rows, first, count, block);

    /// <summary>The same of some replicas. (rows, count)</summary>
    public void ReadRows(int firstRow, int rows, long first, int count, Span<double> block)
    {
        int size = Header.ElementSize;
        // Whole rows are contiguous: one long read instead of one a replica.
        bool whole = count == Columns;
        int rowsAtOnce = whole ? Math.Clamp((1 << 22) / Math.Max(1, count * size), 1, Math.Max(1, rows)) : 1;
        if (_row.Length < rowsAtOnce * count * size)
        {
            _row = new byte[rowsAtOnce * count * size];
        }

        for (int row = 0; row < rows; row += rowsAtOnce)
        {
            int taken = Math.Min(rowsAtOnce, rows - row);
            Span<byte> bytes = _row.AsSpan(0, taken * count * size);
            _stream.Position = Header.DataOffset + ((((firstRow + row) * Columns) + first) * size);
            _stream.ReadExactly(bytes);
            Decode(bytes, block.Slice(row * count, taken * count));
        }
    }

    public void Dispose() => _stream.Dispose();

    private void Decode(ReadOnlySpan<byte> bytes, Span<double> values)
    {
        switch (Header.Type)
        {
            case NpyType.Float64:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case NpyType.Float32:
                Widen<float>(bytes, values);
                break;
            case NpyType.Int64:
                Widen<long>(bytes, values);
                break;
            case NpyType.Int32:
                Widen<int>(bytes, values);
                break;
            default:
                Widen<byte>(bytes, values);
                break;
        }
    }

    private static void Widen<T>(ReadOnlySpan<byte> bytes, Span<double> values)
        where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> source = MemoryMarshal.Cast<byte, T>(bytes);
        for (int i = 0; i < source.Length; i++)
        {
            values[i] = double.CreateChecked(source[i]);
        }
    }
}
