using System.Numerics;
using System.Runtime.InteropServices;

namespace Hesse.Stores;

/// <summary>
/// Writes an array piece by piece, so that it never has to be whole in memory. The header goes out at once; the caller owns the
/// stream, its durability and its name.
/// </summary>
internal sealed class NpyWriter
{
    private readonly Stream _stream;
    private readonly byte[] _piece = new byte[1 << 16];
    private readonly long _elements;
    private long _written;

    /// <summary>Writes the header.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="type">Element type in the file.</param>
    /// <param name="shape">Lengths of the axes, slowest first.</param>
    public NpyWriter(Stream stream, NpyType type, IReadOnlyList<long> shape)
    {
        _stream = stream;
        Type = type;
        _elements = shape.Aggregate(1L, (product, length) => checked(product * length));
        stream.Write(NpyHeader.ToBytes(type, shape));
    }

    /// <summary>Element type in the file.</summary>
    public NpyType Type { get; }

    /// <summary>The next elements in C order, converted to the file's type; doubles become floats by rounding once.</summary>
    /// <exception cref="OverflowException">A whole number is outside the range of the file's type.</exception>
    /// <exception cref="InvalidOperationException">More elements than the shape has, or floating-point numbers for a file of whole ones.</exception>
    public void Write<T>(ReadOnlySpan<T> values)
        where T : unmanaged, INumber<T>
    {
        if (values.Length > _elements - _written)
        {
            throw new InvalidOperationException($"more than the {_elements} elements of the shape");
        }

        bool whole = Type is NpyType.Int32 or NpyType.Int64 or NpyType.UInt8;
        if (whole && (typeof(T) == typeof(double) || typeof(T) == typeof(float)))
        {
            throw new InvalidOperationException("floating-point numbers do not go into a file of whole numbers");
        }

        switch (Type)
        {
            case NpyType.Float32:
                WriteAs<T, float>(values);
                break;
            case NpyType.Float64:
                WriteAs<T, double>(values);
                break;
            case NpyType.Int32:
                WriteAs<T, int>(values);
                break;
            case NpyType.Int64:
                WriteAs<T, long>(values);
                break;
            default:
                WriteAs<T, byte>(values);
                break;
        }

        _written += values.Length;
    }

    /// <summary>Checks that every element was written and flushes the stream.</summary>
    /// <exception cref="InvalidOperationException">Elements are missing.</exception>
    public void Finish()
    {
        if (_written != _elements)
        {
            throw new InvalidOperationException($"{_written} of {_elements} elements were written");
        }

        _stream.Flush();
    }

    private void WriteAs<TFrom, TTo>(ReadOnlySpan<TFrom> values)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        Span<TTo> piece = MemoryMarshal.Cast<byte, TTo>(_piece.AsSpan());
        while (values.Length > 0)
        {
            int length = Math.Min(values.Length, piece.Length);
            if (typeof(TFrom) == typeof(TTo))
            {
                MemoryMarshal.AsBytes(values[..length]).CopyTo(_piece);
            }
            else
            {
                for (int i = 0; i < length; i++)
                {
                    piece[i] = TTo.CreateChecked(values[i]);
                }
            }

            _stream.Write(MemoryMarshal.AsBytes(piece[..length]));
            values = values[length..];
        }
    }
}
