using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hesse.Specs;

/// <summary>The JSON Schema (draft 2020-12) of specs, made from the table that also reads them.</summary>
public static class Schema
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>The schema as text, for `hesse schema` and for editors.</summary>
    public static string Write()
    {
        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Hesse experiment, version 1",
            ["description"] = "What to train, how often, and what to measure along the way.",
        };
        foreach ((string key, JsonNode? value) in SpecTable.Root.Schema())
        {
            schema[key] = value?.DeepClone();
        }

        return schema.ToJsonString(Indented) + "\n";
    }
}
