using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Hesse.Stores;

/// <summary>The Castagnoli checksum (polynomial 1EDC6F41, reflected, inverted before and after).</summary>
internal struct Crc32C
{
    private uint _value;

    /// <summary>The checksum of everything appended so far as eight lower-case hexadecimal digits.</summary>
    public readonly string Hex => _value.ToString("x8", CultureInfo.InvariantCulture);

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Crc32C checksum = default;
        checksum.Append(bytes);
        return checksum.Hex;
    }

    /// <summary>The checksum of a file.</summary>
    public static string OfFile(IFiles files, string path)
    {
        using Stream file = files.Open(path);
        Crc32C checksum = default;
        byte[] buffer = new byte[1 << 16];
        for (int read = file.Read(buffer); read > 0; read = file.Read(buffer))
        {
            checksum.Append(buffer.AsSpan(0, read));
        }

        return checksum.Hex;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        uint state = ~_value;
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        _value = ~state;
    }
}
