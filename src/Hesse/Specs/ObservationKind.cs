using System.Text.Json.Nodes;
using Hesse.Observables;

namespace Hesse.Specs;

/// <summary>An entry of observe: a quantity with its options and exactly one way to say when.</summary>
/// <param name="catalogue">The quantities that there are.</param>
internal sealed class ObservationKind(IReadOnlyList<QuantityDescription> catalogue) : SpecKind<ObservationSpec>
{
    private static readonly string[] TimeKeys = ["every", "at", "log-spaced"];

    private readonly Section<ObservationSpec> _section = new(
        new ObservationSpec { Quantity = "", Times = [] },
        new SpecKey<ObservationSpec, string>(
            "quantity",
            new QuantityKind(catalogue),
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
        string? name = node.Find("quantity")?.Value.Text;
        QuantityDescription? quantity = catalogue.FirstOrDefault(quantity => quantity.Name == name);

        // Beside a quantity that does not exist every option passes: its name is what must be mended first.
        IEnumerable<QuantityOption> options = quantity?.Options ?? catalogue.SelectMany(quantity => quantity.Options);
        if (!_section.TryRead(node, path, binding, [.. options.Select(option => option.Name)], out value))
        {
            return false;
        }

        if (quantity is { Options.Count: > 0 })
        {
            value = value with
            {
                Options = quantity.Options.ToDictionary(
                    option => option.Name,
                    option => OptionOf(option, node, path, binding)
                ),
            };
        }

        int given = TimeKeys.Count(key => node.Find(key) is not null);
        if (given != 1)
        {
            string found = given == 0 ? "none is given" : $"{given} are given";
            binding.Faults.Note(node.Origin, path, $"needs exactly one of every, at and log-spaced; {found}");
        }

        return true;
    }

    public override JsonNode? Write(ObservationSpec value)
    {
        JsonObject written = _section.WriteSparse(value)!.AsObject();
        foreach ((string option, string text) in value.Options)
        {
            written[option] = JsonNode.Parse(text);
        }

        return written;
    }

    public override JsonObject Schema()
    {
        JsonObject schema = _section.Schema();
        foreach (string key in TimeKeys)
        {
            schema["properties"]![key]!.AsObject().Remove("default");
        }

        foreach (IGrouping<string, (string Quantity, QuantityOption Option)> group in OptionsByName())
        {
            // Two quantities may share the name of an option: their ranges then differ, and only the descriptions are joined.
            (_, QuantityOption first) = group.First();
            JsonObject option = group.Count() == 1 ? first.Kind.Schema() : [];
            option["description"] = string.Join(
                " ",
                group.Select(one => $"Of {one.Quantity}: {one.Option.Description} Default {one.Option.Default}.")
            );
            schema["properties"]![group.Key] = option;
        }

        schema["oneOf"] = new JsonArray([
            .. TimeKeys.Select(key => new JsonObject { ["required"] = new JsonArray(JsonValue.Create(key)) }),
        ]);
        return schema;
    }

    private static string OptionOf(QuantityOption option, SpecNode node, string path, SpecBinding binding)
    {
        JsonNode? given = node.Find(option.Name) is { } member
            ? option.Kind.Resolve(member.Value, $"{path}.{option.Name}", binding)
            : null;
        return given is null ? option.Default : SpecWriter.Canonical(given);
    }

    private IEnumerable<IGrouping<string, (string Quantity, QuantityOption Option)>> OptionsByName() =>
        catalogue
            .SelectMany(quantity => quantity.Options.Select(option => (quantity.Name, option)))
            .GroupBy(one => one.option.Name);

    /// <summary>A name of the catalogue.</summary>
    private sealed class QuantityKind(IReadOnlyList<QuantityDescription> catalogue) : SpecKind<string>
    {
        private readonly string[] _names = [.. catalogue.Select(quantity => quantity.Name)];

        public override bool TryRead(SpecNode node, string path, SpecBinding binding, out string value)
        {
            value = node.Text;
            if (node.Kind != SpecNodeKind.String)
            {
                return Mismatch(node, path, binding, "the name of a quantity");
            }

            if (_names.Contains(value))
            {
                return true;
            }

            binding.Faults.AddUnknown(node.Origin, path, "quantity", value, _names);
            return false;
        }

        public override JsonNode Write(string value) => JsonValue.Create(value);

        public override JsonObject Schema() =>
            new()
            {
                ["type"] = "string",
                ["oneOf"] = new JsonArray([
                    .. catalogue.Select(quantity => new JsonObject
                    {
                        ["const"] = quantity.Name,
                        ["description"] = quantity.Whole,
                    }),
                ]),
            };
    }
}
