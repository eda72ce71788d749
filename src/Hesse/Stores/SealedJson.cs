using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Hesse.Stores;

/// <summary>
/// A JSON file that checks itself: its last member is the CRC-32C of the same text without that member, so that one
/// flipped bit anywhere is found.
/// </summary>
internal static class SealedJson
{
    private const string Ending = "\n}\n";
    private const int LargestFile = 1 << 28;

    public static void Write<T>(IFiles files, string path, T value, JsonTypeInfo<T> type)
    {
        string plain = JsonSerializer.Serialize(value, type) + "\n";
        string text = plain[..^Ending.Length] + Seal(plain);
        using Stream file = files.Create(path);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush();
        files.Sync(file);
    }

    /// <summary>Reads a record back.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="path">The file.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="remedy">What to do when it is damaged; may be empty.</param>
    /// <exception cref="HesseException">Too large, not JSON, or not what was written.</exception>
    public static T Read<T>(IFiles files, string path, JsonTypeInfo<T> type, string remedy = "")
    {
        if (files.Length(path) > LargestFile)
        {
            throw new HesseException(ExitCode.BadData, $"{path} is larger than any file of its kind");
        }

        using MemoryStream bytes = new();
        using (Stream file = files.Open(path))
        {
            file.CopyTo(bytes);
        }

        string text = Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        int seal = text.Length - Seal(string.Empty).Length;
        if (seal < 0 || !string.Equals(text[seal..], Seal(text[..seal] + Ending), StringComparison.Ordinal))
        {
            string then = remedy.Length > 0 ? $"; {remedy}" : remedy;
            throw new HesseException(
                ExitCode.BadData,
                $"{path} is damaged: its checksum does not fit its content{then}"
            );
        }

        try
        {
            return JsonSerializer.Deserialize(text, type)
                ?? throw new HesseException(ExitCode.BadData, $"{path} holds nothing");
        }
        catch (JsonException cause)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{path} is not a record of this version: {cause.Message.ReplaceLineEndings(" ")}",
                cause
            );
        }
    }

    private static string Seal(string plain) =>
        $",\n  \"crc32c\": \"{Crc32C.Of(Encoding.UTF8.GetBytes(plain))}\"{Ending}";
}
