using System.Text;
using System.Text.Json;

namespace Hesse.Specs;

/// <summary>JSON text, comments skipped, to the same tree as YAML.</summary>
internal static class JsonTree
{
    /// <summary>Reads one value.</summary>
    /// <param name="text">UTF-8, without a byte order mark.</param>
    /// <param name="locate">Turns a line and column into an origin.</param>
    /// <param name="faults">Receives duplicate keys.</param>
    /// <exception cref="HesseException">Exit code 65: syntax or depth.</exception>
    public static SpecNode Read(ReadOnlySpan<byte> text, Func<int, int, SpecOrigin> locate, SpecFaults faults)
    {
        SpecTreeBuilder builder = new(faults);
        Place place = new();
        JsonReaderOptions options = new()
        {
            CommentHandling = JsonCommentHandling.Skip,
            // One level more than allowed: the builder then refuses with a line and a column.
            MaxDepth = SpecTreeBuilder.MaximalDepth + 1,
        };
        Utf8JsonReader reader = new(text, options);
        try
        {
            while (reader.Read())
            {
                place.MoveTo(text, (int)reader.TokenStartIndex);
                SpecOrigin origin = locate(place.Line, place.Column);
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        builder.Open(SpecNodeKind.Object, origin);
                        break;
                    case JsonTokenType.StartArray:
                        builder.Open(SpecNodeKind.Array, origin);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        builder.Close();
                        break;
                    case JsonTokenType.PropertyName:
                        builder.Key(Text(ref reader, origin, faults), origin);
                        break;
                    case JsonTokenType.String:
                        builder.Scalar(SpecNodeKind.String, origin, Text(ref reader, origin, faults));
                        break;
                    case JsonTokenType.Number:
                        builder.Scalar(SpecNodeKind.Number, origin, Encoding.UTF8.GetString(reader.ValueSpan));
                        break;
                    case JsonTokenType.True or JsonTokenType.False:
                        builder.Scalar(
                            SpecNodeKind.Boolean,
                            origin,
                            reader.TokenType == JsonTokenType.True ? "true" : "false"
                        );
                        break;
                    case JsonTokenType.Null:
                        builder.Scalar(SpecNodeKind.Null, origin, "");
                        break;
                }
            }
        }
        catch (JsonException fault)
        {
            // The message ends with the place, counted from zero.
            int cut = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            string message = (cut < 0 ? fault.Message : fault.Message[..cut])
            // Advice for programmers; the user has no reader options.
            .Replace(" which is not supported in this mode. Change the reader options.", ", which is not allowed.");
            SpecOrigin origin = locate((int)(fault.LineNumber ?? 0) + 1, (int)(fault.BytePositionInLine ?? 0) + 1);
            // The message may quote the text, line breaks and all.
            faults.Add(origin, "", $"not valid JSON: {SpecFaults.Printable(message, 200)}");
            faults.ThrowIfAny();
        }

        return builder.Root ?? new SpecNode(SpecNodeKind.Null, locate(1, 1));
    }

    private static string Text(ref Utf8JsonReader reader, SpecOrigin origin, SpecFaults faults)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            faults.Add(origin, "", "a \\u escape is half of a surrogate pair");
            faults.ThrowIfAny();
            throw;
        }
    }

    /// <summary>Line and column of a byte, found by going forward from the last one asked for.</summary>
    private sealed class Place
    {
        private int _offset;

        public int Line { get; private set; } = 1;

        public int Column { get; private set; } = 1;

        public void MoveTo(ReadOnlySpan<byte> text, int offset)
        {
            for (; _offset < offset; _offset++)
            {
                if (text[_offset] == (byte)'\n')
                {
                    Line++;
                    Column = 1;
                }
                else if ((text[_offset] & 0xC0) != 0x80)
                {
                    Column++;
                }
            }
        }
    }
}
