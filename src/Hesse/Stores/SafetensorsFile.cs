using System.Buffers.Binary;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hesse.Stores;

/// <summary>One tensor of a .safetensors file.</summary>
/// <param name="Name">Its name, such as layers.0.weight.</param>
/// <param name="Values">Its numbers; half-precision ones widened to float.</param>
public sealed record NamedArray(string Name, NpyArray Values);

/// <summary>
/// Reads .safetensors, the file that many frameworks save weights to: eight bytes with the length of a JSON header, the header
/// ({"name": {"dtype", "shape", "data_offsets": [begin, end]}, ...}), then the numbers, little-endian, row-major. Sizes are
/// checked against the file before anything is allocated; nothing in the file is executed.
/// </summary>
public static partial class SafetensorsFile
{
    private const int PrefixLength = 8;
    private const int LongestHeader = 16 << 20;
    private const int MostTensors = 100_000;
    private const int MostAxes = 8;
    private const string Metadata = "__metadata__";

    /// <summary>All tensors, in the natural order of their names (2 before 10).</summary>
    /// <exception cref="HesseException">Missing (66), not permitted (77), broken or of a kind that we do not read (65).</exception>
    public static IReadOnlyList<NamedArray> Read(string path)
    {
        using FileStream stream = InputFile.Open(path);
        byte[] header = ReadHeader(stream, path);
        long first = PrefixLength + header.Length;
        try
        {
            using JsonDocument document = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            List<Entry> entries =
            [
                .. document
                    .RootElement.EnumerateObject()
                    .Where(member => member.Name != Metadata)
                    .Select(member => Parse(member, path)),
            ];
            RequireTiling(entries, stream.Length - first, path);
            return
            [
                .. entries
                    .OrderBy(entry => Natural(entry.Name), StringComparer.Ordinal)
                    .ThenBy(entry => entry.Name, StringComparer.Ordinal)
                    .Select(entry => new NamedArray(entry.Name, Numbers(stream, first, entry, path))),
            ];
        }
        catch (Exception cause)
            when (cause is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Bad(path, "its header is not the JSON that .safetensors asks for", cause);
        }
    }

    private static byte[] ReadHeader(FileStream stream, string path)
    {
        if (stream.Length < PrefixLength)
        {
            throw Bad(path, "is not a .safetensors file: shorter than its header");
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        InputFile.ReadExactly(stream, prefix, path);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > (ulong)Math.Min(LongestHeader, stream.Length - PrefixLength))
        {
            throw Bad(path, $"has a header of {length} bytes, the file has {stream.Length}");
        }

        byte[] header = new byte[(int)length];
        InputFile.ReadExactly(stream, header, path);
        return header;
    }

    private static Entry Parse(JsonProperty member, string path)
    {
        string type = member.Value.GetProperty("dtype").GetString() ?? "null";
        int size = type switch
        {
            "F64" or "I64" => 8,
            "F32" or "I32" => 4,
            "F16" or "BF16" => 2,
            "U8" => 1,
            _ => throw Bad(
                path,
                $"tensor {member.Name} has dtype {type}; F64, F32, F16, BF16, I64, I32, U8 can be read"
            ),
        };
        long[] shape = [.. member.Value.GetProperty("shape").EnumerateArray().Select(axis => axis.GetInt64())];
        JsonElement offsets = member.Value.GetProperty("data_offsets");
        long begin = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        long bytes = size;
        foreach (long axis in shape)
        {
            // A product beyond the file's length is wrong whatever follows, so it cannot overflow either.
            bytes = axis < 0 || bytes > long.MaxValue / Math.Max(1, axis) ? -1 : bytes * axis;
            if (bytes < 0)
            {
                break;
            }
        }

        return shape.Length <= MostAxes && bytes >= 0 && begin >= 0 && end - begin == bytes
            ? new Entry(member.Name, type, shape, begin, end)
            : throw Bad(path, $"tensor {member.Name}: its shape and its data_offsets do not fit together");
    }

    /// <summary>The tensors fill the file without holes or overlaps, as the format demands.</summary>
    private static void RequireTiling(List<Entry> entries, long length, string path)
    {
        if (entries.Count is 0 or > MostTensors)
        {
            throw Bad(path, $"holds {entries.Count} tensors");
        }

        if (entries.Select(entry => entry.Name).Distinct(StringComparer.Ordinal).Count() != entries.Count)
        {
            throw Bad(path, "names a tensor twice");
        }

        long at = 0;
        foreach (Entry entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != at || entry.End > length)
            {
                throw Bad(path, $"tensor {entry.Name} lies at {entry.Begin} .. {entry.End} of {length} bytes");
            }

            at = entry.End;
        }

        if (at != length)
        {
            throw Bad(path, $"has {length - at} bytes behind its last tensor");
        }
    }

    private static NpyArray Numbers(FileStream stream, long first, Entry entry, string path)
    {
        stream.Position = first + entry.Begin;
        int count = checked((int)entry.Shape.Aggregate(1L, (product, axis) => product * axis));
        return entry.Type switch
        {
            "F64" => new NpyArray(NpyType.Float64, entry.Shape, NpyFile.Elements<double>(stream, count, path)),
            "F32" => new NpyArray(NpyType.Float32, entry.Shape, NpyFile.Elements<float>(stream, count, path)),
            "F16" => new NpyArray(
                NpyType.Float32,
                entry.Shape,
                Array.ConvertAll(NpyFile.Elements<Half>(stream, count, path), value => (float)value)
            ),
            "BF16" => new NpyArray(
                NpyType.Float32,
                entry.Shape,
                Array.ConvertAll(
                    NpyFile.Elements<ushort>(stream, count, path),
                    value => BitConverter.UInt32BitsToSingle((uint)value << 16)
                )
            ),
            "I64" => new NpyArray(NpyType.Int64, entry.Shape, NpyFile.Elements<long>(stream, count, path)),
            "I32" => new NpyArray(NpyType.Int32, entry.Shape, NpyFile.Elements<int>(stream, count, path)),
            _ => new NpyArray(NpyType.UInt8, entry.Shape, NpyFile.Elements<byte>(stream, count, path)),
        };
    }

    /// <summary>Numbers in the name all as long as the longest can be, so that 2 comes before 10.</summary>
    private static string Natural(string name) => Digits().Replace(name, number => number.Value.PadLeft(20, '0'));

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();

    private static HesseException Bad(string path, string what, Exception? cause = null) =>
        new(ExitCode.BadData, $"{path}: {what}", cause);

    private sealed record Entry(string Name, string Type, long[] Shape, long Begin, long End);
}
