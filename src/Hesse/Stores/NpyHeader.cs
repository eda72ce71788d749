using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Hesse.Stores;

/// <summary>The element types that we read and write, all little-endian.</summary>
public enum NpyType
{
    /// <summary>&lt;f4</summary>
    Float32,

    /// <summary>&lt;f8</summary>
    Float64,

    /// <summary>&lt;i4</summary>
    Int32,

    /// <summary>&lt;i8</summary>
    Int64,

    /// <summary>|u1</summary>
    UInt8,
}

/// <summary>
/// What stands before the numbers of a .npy file (NumPy Enhancement Proposal 1): magic, version, and a Python dict literal with
/// descr, fortran_order and shape. Only the types of <see cref="NpyType"/>.
/// </summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Lengths of the axes, slowest first; empty for a single number.</param>
/// <param name="DataOffset">Where the numbers begin, in bytes.</param>
public sealed record NpyHeader(NpyType Type, IReadOnlyList<long> Shape, long DataOffset)
{
    /// <summary>The most bytes that a header may take, NumPy's own limit.</summary>
    internal const int MaximumLength = 10_000;

    /// <summary>Whether the numbers lie in Fortran's order, the first axis fastest.</summary>
    public bool FortranOrder { get; init; }

    private const int Alignment = 64;
    private static readonly string[] Descriptions = ["<f4", "<f8", "<i4", "<i8", "|u1"];
    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    /// <summary>Product of the shape.</summary>
    public long Elements { get; } = Product(Shape);

    /// <summary>Bytes of one element.</summary>
    public int ElementSize => SizeOf(Type);

    /// <summary>The name of a type in the file: &lt;f4, &lt;f8, &lt;i4, &lt;i8 or |u1.</summary>
    internal static string Describe(NpyType type) => Descriptions[(int)type];

    /// <summary>Bytes of one element.</summary>
    internal static int SizeOf(NpyType type) =>
        type switch
        {
            NpyType.UInt8 => 1,
            NpyType.Float32 or NpyType.Int32 => 4,
            _ => 8,
        };

    /// <summary>The shape as Python writes it: (), (3,), (3, 4).</summary>
    internal static string Format(IReadOnlyList<long> shape) =>
        shape.Count == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";

    /// <summary>The bytes before the numbers, version 1.0, padded so that the numbers begin at a multiple of 64.</summary>
    internal static byte[] ToBytes(NpyType type, IReadOnlyList<long> shape)
    {
        string text = $"{{'descr': '{Describe(type)}', 'fortran_order': False, 'shape': {Format(shape)}, }}";
        int before = Magic.Length + 4;
        int length = (before + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        byte[] bytes = new byte[length];
        Magic.CopyTo(bytes, 0);
        bytes[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), checked((ushort)(length - before)));
        Encoding.ASCII.GetBytes(text.PadRight(length - before - 1) + "\n").CopyTo(bytes, before);
        return bytes;
    }

    /// <summary>Reads and checks the header, and compares the length of the file with it.</summary>
    /// <param name="stream">At its beginning; left where the numbers begin.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <param name="fortran">Whether the caller can do with Fortran's order; result folders are read in pieces and have none.</param>
    /// <exception cref="HesseException">Not a .npy file that we read (65), in one line that says why.</exception>
    internal static NpyHeader Read(Stream stream, string name, bool fortran = false)
    {
        Span<byte> start = stackalloc byte[12];
        if (stream.Length < 10)
        {
            throw Bad(name, "is not a .npy file: shorter than its header");
        }

        InputFile.ReadExactly(stream, start[..8], name);
        if (!start[..6].SequenceEqual(Magic))
        {
            throw Bad(name, "is not a .npy file: it does not begin with \\x93NUMPY");
        }

        if (start[6] is not (1 or 2 or 3) || start[7] != 0)
        {
            throw Bad(name, $"has .npy version {start[6]}.{start[7]}; 1.0, 2.0 and 3.0 can be read");
        }

        Span<byte> lengthBytes = start.Slice(8, start[6] == 1 ? 2 : 4);
        InputFile.ReadExactly(stream, lengthBytes, name);
        long length =
            start[6] == 1
                ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes)
                : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > MaximumLength)
        {
            throw Bad(name, $"has a .npy header of {length} bytes; at most {MaximumLength} are allowed");
        }

        byte[] text = new byte[length];
        InputFile.ReadExactly(stream, text, name);
        NpyHeader header = new NpyHeaderParser(text, name).Parse(8 + lengthBytes.Length + length);
        long present = stream.Length - header.DataOffset;
        long expected;
        try
        {
            expected = checked(header.Elements * header.ElementSize);
        }
        catch (OverflowException cause)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{name}: has the impossible shape {Format(header.Shape)}",
                cause
            );
        }

        if (header.FortranOrder && !fortran)
        {
            throw Bad(name, "is in Fortran order; save numpy.ascontiguousarray of it");
        }

        if (present != expected)
        {
            throw Bad(
                name,
                $"holds {present} bytes of data; shape {Format(header.Shape)} of {Describe(header.Type)} needs {expected}"
            );
        }

        return header;
    }

    internal static NpyType TypeOf(string description, string name)
    {
        int index = Array.IndexOf(Descriptions, description);
        if (index >= 0)
        {
            return (NpyType)index;
        }

        string shown = new([
            .. description
                .Take(20)
                .Select(c => char.IsAsciiLetterOrDigit(c) || c is '<' or '>' or '|' or '=' ? c : '?'),
        ]);
        string reason = description switch
        {
            ['>', ..] => "is big-endian",
            [.., 'O'] => "holds Python objects",
            _ => "is not supported",
        };
        throw Bad(name, $"dtype {shown} {reason}; use one of {string.Join(", ", Descriptions)}");
    }

    internal static HesseException Bad(string name, string what) => new(ExitCode.BadData, $"{name}: {what}");

    private static long Product(IReadOnlyList<long> shape)
    {
        long product = 1;
        foreach (long length in shape)
        {
            product = checked(product * length);
        }

        return product;
    }
}

/// <summary>Reads the dict literal of a .npy header; knows strings, True, False and tuples of whole numbers, nothing else.</summary>
internal sealed class NpyHeaderParser(byte[] text, string name)
{
    // NumPy's own limit on the number of axes.
    private const int MaximumAxes = 32;

    private int _at;

    public NpyHeader Parse(long dataOffset)
    {
        NpyType? type = null;
        bool? fortran = null;
        List<long>? shape = null;
        Expect('{');
        while (!Accept('}'))
        {
            string key = String();
            Expect(':');
            switch (key)
            {
                case "descr" when type is null:
                    type = Peek() is '\'' or '"' ? NpyHeader.TypeOf(String(), name) : throw Structured();
                    break;
                case "fortran_order" when fortran is null:
                    fortran = Boolean();
                    break;
                case "shape" when shape is null:
                    shape = Tuple();
                    break;
                default:
                    throw Malformed();
            }

            if (!Accept(','))
            {
                Expect('}');
                break;
            }
        }

        if (Peek() != '\0' || type is null || fortran is null || shape is null)
        {
            throw Malformed();
        }

        try
        {
            return new NpyHeader(type.Value, shape, dataOffset) { FortranOrder = fortran.Value };
        }
        catch (OverflowException cause)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{name}: has the impossible shape {NpyHeader.Format(shape)}",
                cause
            );
        }
    }

    private HesseException Structured() => NpyHeader.Bad(name, "has a structured dtype; save plain numbers");

    private HesseException Malformed() => NpyHeader.Bad(name, $"has a malformed .npy header at its byte {_at}");

    /// <summary>The next character that is not blank, or NUL at the end.</summary>
    private char Peek()
    {
        while (_at < text.Length && text[_at] is (byte)' ' or (byte)'\n' or (byte)'\t')
        {
            _at++;
        }

        if (_at == text.Length)
        {
            return '\0';
        }

        // A real NUL byte must not pass for the end.
        return text[_at] is 0 or > 126 ? throw Malformed() : (char)text[_at];
    }

    private bool Accept(char character)
    {
        if (Peek() != character)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Expect(char character)
    {
        if (!Accept(character))
        {
            throw Malformed();
        }
    }

    private string String()
    {
        char quote = Peek();
        if (quote is not ('\'' or '"'))
        {
            throw Malformed();
        }

        int from = ++_at;
        while (_at < text.Length && text[_at] != quote)
        {
            if (text[_at] is < 32 or > 126 or (byte)'\\')
            {
                throw Malformed();
            }

            _at++;
        }

        if (_at == text.Length)
        {
            throw Malformed();
        }

        return Encoding.ASCII.GetString(text, from, _at++ - from);
    }

    private bool Boolean()
    {
        bool value = Peek() == 'T';
        ReadOnlySpan<byte> word = value ? "True"u8 : "False"u8;
        if (!text.AsSpan(_at).StartsWith(word))
        {
            throw Malformed();
        }

        _at += word.Length;
        return value;
    }

    private List<long> Tuple()
    {
        List<long> lengths = [];
        Expect('(');
        bool comma = true;
        while (!Accept(')'))
        {
            if (!comma || lengths.Count == MaximumAxes)
            {
                throw Malformed();
            }

            lengths.Add(Whole());
            comma = Accept(',');
        }

        // (3) is a number in brackets, not a tuple.
        return lengths.Count == 1 && !comma ? throw Malformed() : lengths;
    }

    private long Whole()
    {
        Peek();
        int from = _at;
        while (_at < text.Length && char.IsAsciiDigit((char)text[_at]))
        {
            _at++;
        }

        return long.TryParse(
            text.AsSpan(from, _at - from),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out long value
        )
            ? value
            : throw Malformed();
    }
}
