using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hesse.Cli;

/// <summary>Answers for programs: one JSON document with the version of its form.</summary>
internal static class JsonOutput
{
    private const int Version = 1;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(Messages messages, string key, JsonNode value)
    {
        JsonObject document = new() { ["version"] = Version, [key] = value };
        messages.Output.WriteLine(document.ToJsonString(Indented));
    }

    /// <summary>A list of texts.</summary>
    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
