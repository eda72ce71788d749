using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hesse.Specs;

/// <summary>Resolved specs as text, and the identity of an experiment.</summary>
public static class SpecWriter
{
    private static readonly string[] OutsideIdentity = ["name", "replicas", "observe", "statistics", "sweep", "cite"];

    private static readonly JsonSerializerOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true, NewLine = "\n" };

    /// <summary>The resolved spec with every default, for people: spec.json. A spec that reads back the same.</summary>
    public static string Pretty(Spec spec) => SpecTable.Root.Write(spec)!.ToJsonString(Indented) + "\n";

    /// <summary>The resolved spec in one form only: sorted keys, no spaces, shortest round-trip numbers.</summary>
    public static string Canonical(Spec spec) => Canonical(SpecTable.Root.Write(spec)!);

    /// <summary>
    /// What makes an experiment the same: lower-case hex SHA-256 of the canonical JSON without name, replicas, observe,
    /// statistics, sweep and cite. Files enter by content, not by path.
    /// </summary>
    /// <param name="spec">One setting.</param>
    /// <param name="dataHash">Hash of the data files, empty for generated data (<see cref="Data.IDataSource.ContentHash"/>).</param>
    /// <param name="initialParametersHash">Hash of the file of initial parameters, empty when there is none.</param>
    public static string Identity(Spec spec, string dataHash = "", string initialParametersHash = "")
    {
        JsonObject whole = Determining(spec);
        whole["data"]!.AsObject()["content"] = dataHash;
        whole["network"]!.AsObject()["initial-parameters"] = initialParametersHash;
        return Hash(Canonical(whole));
    }

    /// <summary>The keys of a spec that determine numbers, without paths.</summary>
    internal static JsonObject Determining(Spec spec)
    {
        JsonObject whole = SpecTable.Root.Write(spec)!.AsObject();
        foreach (string key in OutsideIdentity)
        {
            whole.Remove(key);
        }

        RemovePaths(whole, SpecTable.Root);
        return whole;
    }

    /// <summary>Hash of a quantity's options in canonical JSON.</summary>
    internal static string HashOfOptions(IReadOnlyDictionary<string, string> options) =>
        Hash(
            Canonical(
                new JsonObject(options.Select(option => KeyValuePair.Create(option.Key, JsonNode.Parse(option.Value))))
            )
        );

    /// <summary>Lower-case hex SHA-256 of a text.</summary>
    internal static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>JSON in one form only.</summary>
    internal static string Canonical(JsonNode node) => Sorted(node)!.ToJsonString(Compact);

    /// <summary>The spec without the keys that hold their default.</summary>
    internal static string Sparse(Spec spec) => SpecTable.Root.WriteSparse(spec)!.ToJsonString(Compact);

    private static JsonNode? Sorted(JsonNode? node) =>
        node switch
        {
            JsonObject keys => new JsonObject(
                keys.OrderBy(key => key.Key, StringComparer.Ordinal)
                    .Select(key => KeyValuePair.Create(key.Key, Sorted(key.Value)))
            ),
            JsonArray items => new JsonArray([.. items.Select(Sorted)]),
            _ => node?.DeepClone(),
        };

    private static void RemovePaths(JsonObject written, SpecKind section)
    {
        foreach (SpecKeyName key in section.Keys)
        {
            if (key.Kind is PathKind)
            {
                written.Remove(key.Name);
            }
            else if (key.Kind.IsSection && written[key.Name] is JsonObject inner)
            {
                RemovePaths(inner, key.Kind);
            }
        }
    }
}
