using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hesse.Reports;

/// <summary>One figure: a Vega-Lite specification that reads its tables, and the words around it.</summary>
internal sealed record Figure
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Name of its files: a quantity, or what is shown of it.</summary>
    public required string Name { get; init; }

    /// <summary>Heading.</summary>
    public required string Title { get; init; }

    /// <summary>What is drawn: definition, n and interval. Sentences.</summary>
    public required string Caption { get; init; }

    /// <summary>What a reader who does not see it would be told: kind of chart, axes, and the numbers at the ends.</summary>
    public required string Description { get; init; }

    /// <summary>The specification without $schema, description and config.</summary>
    public required JsonObject View { get; init; }

    /// <summary>The plotted numbers; the first lies in name.csv.</summary>
    public required IReadOnlyList<FigureTable> Tables { get; init; }

    /// <summary>The column of the first table that is drawn.</summary>
    public string Shows { get; init; } = Bands.MedianColumn;

    /// <summary>The complete specification, which reads the tables from the files beside it.</summary>
    public JsonObject Specification()
    {
        JsonObject whole = new()
        {
            ["$schema"] = "https://vega.github.io/schema/vega-lite/v6.json",
            ["title"] = new JsonObject { ["text"] = Title, ["anchor"] = "start" },
            ["description"] = $"{Description} {Caption}",
            ["config"] = ChartStyle.Paper(),
        };
        foreach ((string key, JsonNode? value) in View)
        {
            whole[key] = value?.DeepClone();
        }

        return whole;
    }

    /// <summary>name.vl.json</summary>
    public string SpecificationText() => Specification().ToJsonString(Indented) + "\n";
}
