using System.Text.Json.Nodes;
using Hesse.Observables;

namespace Hesse.Specs;

/// <summary>An entry of observe: a quantity and exactly one way to say when.</summary>
internal sealed class ObservationKind : SpecKind<ObservationSpec>
{
    private static readonly string[] TimeKeys = ["every", "at", "log-spaced"];

    private readonly Section<ObservationSpec> _section = new(
        new ObservationSpec { Quantity = "", Times = [] },
        new SpecKey<ObservationSpec, string>(
            "quantity",
            new QuantityKind(),
            o => o.Quantity,
            (o, v) => o with { Quantity = v },
            "What is measured."
        )
        {
            Required = true,
        },
        new SpecKey<ObservationSpec, int?>(
            "every",
            new OptionalKind<int>(new IntegerKind<int>(1, int.MaxValue)),
            o => o.Every,
            (o, v) => o with { Every = v },
            "Measured at steps 0, k, 2k, ... up to the last."
        ),
        new SpecKey<ObservationSpec, IReadOnlyList<int>?>(
            "at",
            new OptionalListKind<int>(new ListKind<int>(new IntegerKind<int>(0, int.MaxValue), 1, ascending: true)),
            o => o.Every is null && o.LogSpaced is null ? o.Times : null,
            (o, v) => o with { Times = v ?? [] },
            "Measured at these steps, ascending; the parameters are those after as many updates."
        ),
        new SpecKey<ObservationSpec, int?>(
            "log-spaced",
            new OptionalKind<int>(new IntegerKind<int>(1, 100_000)),
            o => o.LogSpaced,
            (o, v) => o with { LogSpaced = v },
            "Measured at step 0 and at k steps in geometric progression from 1 to the last."
        )
    );

    public override bool IsSection => true;

    public override IReadOnlyList<SpecKeyName> Keys => _section.Keys;

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out ObservationSpec value)
    {
        if (!_section.TryRead(node, path, binding, out value))
        {
            return false;
        }

        int given = TimeKeys.Count(key => node.Find(key) is not null);
        if (given != 1)
        {
            string found = given == 0 ? "none is given" : $"{given} are given";
            binding.Faults.Note(node.Origin, path, $"needs exactly one of every, at and log-spaced; {found}");
        }

        return true;
    }

    public override JsonNode? Write(ObservationSpec value) => _section.WriteSparse(value);

    public override JsonObject Schema()
    {
        JsonObject schema = _section.Schema();
        foreach (string key in TimeKeys)
        {
            schema["properties"]![key]!.AsObject().Remove("default");
        }

        schema["oneOf"] = new JsonArray([
            .. TimeKeys.Select(key => new JsonObject { ["required"] = new JsonArray(JsonValue.Create(key)) }),
        ]);
        return schema;
    }

    /// <summary>A name of <see cref="QuantityCatalogue"/>.</summary>
    private sealed class QuantityKind : SpecKind<string>
    {
        private static readonly string[] Names = [.. QuantityCatalogue.All.Select(quantity => quantity.Name)];

        public override bool TryRead(SpecNode node, string path, SpecBinding binding, out string value)
        {
            value = node.Text;
            if (node.Kind != SpecNodeKind.String)
            {
                return Mismatch(node, path, binding, "the name of a quantity");
            }

            if (QuantityCatalogue.Find(value) is not null)
            {
                return true;
            }

            binding.Faults.AddUnknown(node.Origin, path, "quantity", value, Names);
            return false;
        }

        public override JsonNode Write(string value) => JsonValue.Create(value);

        public override JsonObject Schema() =>
            new()
            {
                ["type"] = "string",
                ["oneOf"] = new JsonArray([
                    .. QuantityCatalogue.All.Select(quantity => new JsonObject
                    {
                        ["const"] = quantity.Name,
                        ["description"] =
                            $"{quantity.Summary} Shape {quantity.Shape}.{(quantity.NeedsTestData ? " Needs test data." : "")}",
                    }),
                ]),
            };
    }
}
