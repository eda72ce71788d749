using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hesse.Observables;
using Hesse.Specs;

namespace Hesse.Cli;

/// <summary>docs/spec.md: every key, kind, quantity and option, from the JSON Schema that `hesse schema` prints and the reader obeys.</summary>
internal static class SpecPage
{
    private const string Observe = "observe";

    /// <summary>The whole page.</summary>
    public static string Write()
    {
        JsonObject schema = JsonNode.Parse(Schema.Write())!.AsObject();
        StringBuilder page = new();
        page.Append(
            """
            # Every key of a spec, every quantity

            Made by `dotnet cake --target=Docs` from the same source as `hesse schema`; not written by hand. What the keys mean together stands in the
            [README](../README.md) and the [numerics](numerics.md); arrays and their formulas in [results.md](results.md).

            """
        );
        Keys(page, "The top", schema);
        foreach ((string name, JsonNode? section) in schema["properties"]!.AsObject())
        {
            if (name != Observe)
            {
                Section(page, name, section!.AsObject());
            }
        }

        Quantities(page);
        return page.ToString();
    }

    /// <summary>A section with keys of its own, its kinds, and the sections within it.</summary>
    private static void Section(StringBuilder page, string path, JsonObject section)
    {
        if (section["oneOf"] is JsonArray kinds && kinds.All(kind => kind!["properties"]?["kind"] is not null))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {path}\n");
            foreach (JsonObject kind in kinds.Select(kind => kind!.AsObject()))
            {
                Keys(page, $"{path}: {kind["properties"]!["kind"]!["const"]}", kind, level: 3);
            }

            return;
        }

        if (section["properties"] is not JsonObject keys)
        {
            return;
        }

        Keys(page, path, section);
        foreach ((string name, JsonNode? key) in keys)
        {
            Section(page, $"{path}.{name}", key!.AsObject());
        }
    }

    private static void Keys(StringBuilder page, string title, JsonObject section, int level = 2)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n{new string('#', level)} {title}\n\n");
        if (section["description"] is { } description)
        {
            page.Append(description.GetValue<string>()).Append("\n\n");
        }

        page.Append("| key | value | default | |\n|---|---|---|---|\n");
        HashSet<string> required =
        [
            .. (section["required"] as JsonArray ?? []).Select(name => name!.GetValue<string>()),
        ];
        foreach ((string name, JsonNode? node) in section["properties"]!.AsObject())
        {
            JsonObject key = node!.AsObject();
            string standard =
                required.Contains(name) ? "required"
                : key["default"] is { } value ? $"`{value.ToJsonString()}`"
                : string.Empty;
            string about = key["description"]?.GetValue<string>() ?? string.Empty;
            page.Append(CultureInfo.InvariantCulture, $"| {name} | {Cell(Kind(key))} | {standard} | {Cell(about)} |\n");
        }
    }

    /// <summary>A few words for what a key takes.</summary>
    private static string Kind(JsonObject key)
    {
        if (key["const"] is { } only)
        {
            return only.ToJsonString();
        }

        if (key["enum"] is JsonArray names)
        {
            return string.Join(", ", names.Select(name => name!.ToString()));
        }

        if (key["oneOf"] is JsonArray forms)
        {
            return forms.All(form => form!["properties"]?["kind"] is not null)
                ? string.Join(", ", forms.Select(form => form!["properties"]!["kind"]!["const"]!.ToString()))
                : string.Join(" or ", forms.Select(form => Kind(form!.AsObject())).Distinct(StringComparer.Ordinal));
        }

        return key["type"]?.ToString() switch
        {
            "array" when key["items"] is JsonObject items => $"list of {Kind(items)}",
            "object" when key["properties"] is JsonObject inner =>
                $"{{{string.Join(", ", inner.Select(one => one.Key))}}}",
            "integer" or "number" => $"{key["type"]}{Bounds(key)}",
            { } type => type,
            null => "any",
        };
    }

    private static string Bounds(JsonObject key)
    {
        string low =
            key["minimum"] is { } least ? $" >= {least}"
            : key["exclusiveMinimum"] is { } above ? $" > {above}"
            : string.Empty;
        string high =
            key["maximum"] is { } most && most.ToString() is not ("2147483647" or "18446744073709551615")
                ? $" <= {most}"
            : key["exclusiveMaximum"] is { } below ? $" < {below}"
            : string.Empty;
        return low + high;
    }

    private static void Quantities(StringBuilder page)
    {
        page.Append(
            """

            ## observe: quantities

            `{quantity: NAME, at: [steps]}`, `every: k` or `log-spaced: k`, with the options in the last column. R replicas, T times, N training samples, C outputs,
            P parameters. Formulas, sources and the further arrays (parts) of each are in [results.md](results.md).

            | quantity | shape | | options |
            |---|---|---|---|

            """
        );
        foreach (QuantityDescription quantity in QuantityCatalogue.All)
        {
            string options = string.Join(
                "; ",
                quantity.Options.Select(option => $"{option.Name} = {option.Default}: {option.Description}")
            );
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {quantity.Name} | {Cell(quantity.Shape)} | {Cell(quantity.Summary)} | {Cell(options)} |\n"
            );
        }
    }

    /// <summary>Text that neither ends a cell nor begins a tag.</summary>
    internal static string Cell(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
