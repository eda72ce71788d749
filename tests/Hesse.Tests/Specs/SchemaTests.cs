using System.Text.Json;
using System.Text.Json.Nodes;
using Hesse.Observables;
using Hesse.Specs;

namespace Hesse.Tests.Specs;

public sealed class SchemaTests
{
    private static readonly JsonNode Root = JsonNode.Parse(Schema.Write())!;

    [Fact]
    public void Schema_is_json_schema_of_2020()
    {
        Root["$schema"]!.GetValue<string>().ShouldBe("https://json-schema.org/draft/2020-12/schema");
        Root["required"]!
            .AsArray()
            .Select(key => key!.GetValue<string>())
            .ShouldBe(["version", "name", "data", "network", "loss", "training"]);
        Root["additionalProperties"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public void Every_key_of_the_table_stands_in_it_with_a_description()
    {
        IReadOnlyList<string> paths = SpecTable.LeafPaths();

        paths.Count.ShouldBeGreaterThan(40);
        foreach (string path in paths)
        {
            JsonNode? key = Find(Root, path.Split('.'));
            key.ShouldNotBeNull(path);
            if (!path.EndsWith(".kind", StringComparison.Ordinal))
            {
                key["description"].ShouldNotBeNull(path).GetValue<string>().ShouldNotBeNullOrWhiteSpace(path);
            }
        }
    }

    [Fact]
    public void Defaults_ranges_and_choices_are_those_of_the_reader()
    {
        Text("seed", "default").ShouldBe("0");
        Text("seed", "maximum").ShouldBe("18446744073709551615");
        Text("precision", "default").ShouldBe("\"float32\"");
        Text("observation-precision", "default").ShouldBe("\"float64\"");
        Text("data.mean-scale", "default").ShouldBe("4");
        Text("data.random-labels", "maximum").ShouldBe("1");
        Text("network.bias", "default").ShouldBe("true");
        Text("network.activation", "enum").ShouldContain("\"leaky-relu\"");
        Text("training.batch.order", "default").ShouldBe("\"epochs\"");
        Text("statistics.quantiles", "default").ShouldBe("[0.05,0.25,0.5,0.75,0.95]");
        Find(Root, ["training", "steps"])!["default"].ShouldBeNull();
        Text("training.optimizer.step-size", "oneOf").ShouldContain("\"exclusiveMinimum\":0");
    }

    [Fact]
    public void Every_quantity_stands_in_it_with_its_description()
    {
        JsonArray quantities = Root["properties"]!["observe"]!["items"]!["properties"]!["quantity"]![
            "oneOf"
        ]!.AsArray();

        quantities
            .Select(one => one!["const"]!.GetValue<string>())
            .ShouldBe(QuantityCatalogue.All.Select(one => one.Name));
        quantities[1]!["description"]!
            .GetValue<string>()
            .ShouldBe(
                "Mean loss over all test samples. Shape (R,T). Formula: mean loss over the test samples, in training precision. Needs test data."
            );
    }

    [Fact]
    public void Sweep_lists_its_keys()
    {
        string keys = Text("sweep", "propertyNames");

        keys.ShouldContain("\"training.batch.size\"");
        keys.ShouldContain("\"seed\"");
        keys.ShouldNotContain("\"replicas\"");
        keys.ShouldNotContain("\"name\"");
    }

    private static string Text(string path, string key) => Find(Root, path.Split('.'))![key]!.ToJsonString();

    /// <summary>The schema of a dotted key, looked for in every kind of a section.</summary>
    private static JsonNode? Find(JsonNode schema, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
        {
            return schema;
        }

        foreach (JsonNode? section in schema["oneOf"]?.AsArray() ?? [schema.DeepClone()])
        {
            if (section?["properties"]?[path[0]] is { } key && Find(key, path[1..]) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
