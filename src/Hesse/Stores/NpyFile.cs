using System.Runtime.InteropServices;

namespace Hesse.Stores;

/// <summary>An array read from a .npy file, in C order.</summary>
public sealed class NpyArray
{
    private readonly Array _values;

    internal NpyArray(NpyType type, IReadOnlyList<long> shape, Array values)
    {
        Type = type;
        Shape = shape;
        _values = values;
    }

    /// <summary>Element type in the file.</summary>
    public NpyType Type { get; }

    /// <summary>Lengths of the axes, slowest first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements.</summary>
    public int Length => _values.Length;

    /// <summary>Whether the elements are whole numbers.</summary>
    public bool IsInteger => Type is NpyType.Int32 or NpyType.Int64 or NpyType.UInt8;

    /// <summary>The elements as double; exact for all types but int64 beyond 2^53. May be the array's own memory.</summary>
    public double[] ToDoubles() =>
        _values switch
        {
            double[] values => values,
            float[] values => Array.ConvertAll(values, v => (double)v),
            int[] values => Array.ConvertAll(values, v => (double)v),
            long[] values => Array.ConvertAll(values, v => (double)v),
            _ => Array.ConvertAll((byte[])_values, v => (double)v),
        };

    /// <summary>The elements as float, rounded once. May be the array's own memory.</summary>
    public float[] ToSingles() =>
        _values switch
        {
            double[] values => Array.ConvertAll(values, v => (float)v),
            float[] values => values,
            int[] values => Array.ConvertAll(values, v => (float)v),
            long[] values => Array.ConvertAll(values, v => (float)v),
            _ => Array.ConvertAll((byte[])_values, v => (float)v),
        };

    /// <summary>The elements of an integer array as long. May be the array's own memory.</summary>
    /// <exception cref="InvalidOperationException">The elements are floating-point numbers.</exception>
    public long[] ToInt64s() =>
        _values switch
        {
            int[] values => Array.ConvertAll(values, v => (long)v),
            long[] values => values,
            byte[] values => Array.ConvertAll(values, v => (long)v),
            _ => throw new InvalidOperationException("floating-point numbers are not converted to whole ones"),
        };
}

/// <summary>Reads and writes NumPy's .npy files.</summary>
public static class NpyFile
{
    /// <summary>Reads a whole file; one in Fortran's order is put into C order.</summary>
    /// <exception cref="HesseException">Missing (66), not permitted (77), broken or of a kind that we do not read (65), too large (71).</exception>
    public static NpyArray Read(string path)
    {
        using FileStream stream = InputFile.Open(path);
        return Read(stream, path);
    }

    /// <summary>Reads and checks a header, the file's length included; the numbers stay where they are.</summary>
    /// <exception cref="HesseException">As for <see cref="Read(string)"/>.</exception>
    public static NpyHeader ReadHeader(string path)
    {
        using FileStream stream = InputFile.Open(path);
        return NpyHeader.Read(stream, path, fortran: true);
    }

    /// <summary>Writes a whole file: numbers converted to the file's type, rounded once.</summary>
    /// <exception cref="HesseException">The file cannot be written (74, 77).</exception>
    public static void Write<T>(string path, NpyType type, IReadOnlyList<long> shape, ReadOnlySpan<T> values)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        try
        {
            using FileStream stream = new(path, FileMode.Create, FileAccess.Write);
            NpyWriter writer = new(stream, type, shape);
            writer.Write(values);
            writer.Finish();
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new HesseException(ExitCode.NoPermission, $"{path}: no permission to write it", cause);
        }
        catch (IOException cause)
        {
            throw new HesseException(ExitCode.InputOutput, $"{path}: cannot be written: {cause.Message}", cause);
        }
    }

    internal static NpyArray Read(Stream stream, string name)
    {
        NpyHeader header = NpyHeader.Read(stream, name, fortran: true);
        if (header.Elements > Array.MaxLength)
        {
            throw new HesseException(
                ExitCode.DoesNotFit,
                $"{name}: {header.Elements} numbers are too many for one array"
            );
        }

        int length = (int)header.Elements;
        Array values = header.Type switch
        {
            NpyType.Float32 => InOrder(Elements<float>(stream, length, name), header),
            NpyType.Float64 => InOrder(Elements<double>(stream, length, name), header),
            NpyType.Int32 => InOrder(Elements<int>(stream, length, name), header),
            NpyType.Int64 => InOrder(Elements<long>(stream, length, name), header),
            _ => InOrder(Elements<byte>(stream, length, name), header),
        };
        return new NpyArray(header.Type, header.Shape, values);
    }

    /// <summary>The numbers in C order, the last axis fastest.</summary>
    private static T[] InOrder<T>(T[] values, NpyHeader header)
    {
        if (!header.FortranOrder || header.Shape.Count < 2 || values.Length == 0)
        {
            return values;
        }

        int axes = header.Shape.Count;
        long[] strides = new long[axes]; // in the file
        strides[0] = 1;
        for (int axis = 1; axis < axes; axis++)
        {
            strides[axis] = strides[axis - 1] * header.Shape[axis - 1];
        }

        T[] ordered = new T[values.Length];
        long[] index = new long[axes];
        long from = 0;
        for (int to = 0; to < ordered.Length; to++)
        {
            ordered[to] = values[from];
            for (int axis = axes - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < header.Shape[axis])
                {
                    break;
                }

                from -= index[axis] * strides[axis];
                index[axis] = 0;
            }
        }

        return ordered;
    }

    /// <summary>This many numbers from where the stream stands.</summary>
    internal static T[] Elements<T>(Stream stream, int length, string name)
        where T : unmanaged
    {
        // In pieces, because an array of 2^31 bytes and more has no span of bytes.
        const int Piece = 1 << 20;
        T[] values = GC.AllocateUninitializedArray<T>(length);
        for (int from = 0; from < length; from += Piece)
        {
            Span<T> piece = values.AsSpan(from, Math.Min(Piece, length - from));
            InputFile.ReadExactly(stream, MemoryMarshal.AsBytes(piece), name);
        }

        return values;
    }
}
