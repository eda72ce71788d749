using System.Text.Json.Nodes;

namespace Hesse.Specs;

/// <summary>A grid: leaf keys, each with the values that it takes.</summary>
internal sealed class SweepKind : SpecKind<IReadOnlyList<SweepAxis>>
{
    /// <summary>Keys that name, repeat or summarise an experiment but make no other experiment.</summary>
    private static readonly string[] NotSwept =
    [
        "version",
        "name",
        "replicas",
        "observe",
        "statistics",
        "sweep",
        "cite",
    ];

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out IReadOnlyList<SweepAxis> value)
    {
        List<SweepAxis> axes = [];
        value = axes;
        if (node.Kind != SpecNodeKind.Object)
        {
            return Mismatch(node, path, binding, "keys with lists of values, as training.batch.size: [5, 50]");
        }

        foreach (SpecMember member in node.Members)
        {
            string place = $"{path}.{SpecFaults.Shorten(member.Name)}";
            if (Leaf(member, place, binding) is { } kind && Values(member, kind, place, binding) is { } values)
            {
                axes.Add(new SweepAxis(member.Name, values));
            }
        }

        foreach (SpecMember member in node.Members)
        {
            SpecMember? whole = node.Members.FirstOrDefault(other =>
                member.Name.StartsWith($"{other.Name}.", StringComparison.Ordinal)
            );
            if (whole is not null)
            {
                string place = $"{path}.{SpecFaults.Shorten(member.Name)}";
                binding.Faults.Add(
                    member.Origin,
                    place,
                    $"is part of {SpecFaults.Shorten(whole.Name)}, which is swept as a whole"
                );
            }
        }

        return true;
    }

    public override JsonNode? Write(IReadOnlyList<SweepAxis> value)
    {
        JsonObject written = [];
        foreach (SweepAxis axis in value)
        {
            written[axis.Key] = new JsonArray([.. axis.Values.Select(text => JsonNode.Parse(text))]);
        }

        return written;
    }

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject
            {
                ["enum"] = new JsonArray([.. Sweepable().Select(key => JsonValue.Create(key))]),
            },
            ["additionalProperties"] = new JsonObject
            {
                ["type"] = "array",
                ["minItems"] = 1,
                ["uniqueItems"] = true,
            },
        };

    private static IEnumerable<string> Sweepable() =>
        SpecTable.SweepPaths().Where(key => !NotSwept.Contains(key.Split('.')[0]));

    private static SpecKind? Leaf(SpecMember member, string place, SpecBinding binding)
    {
        if (NotSwept.Contains(member.Name.Split('.')[0]))
        {
            binding.Faults.Add(member.Origin, place, "this key cannot be swept");
            return null;
        }

        SpecKind? kind = SpecTable.Find(member.Name, binding.Root);
        if (kind is null)
        {
            binding.Faults.Add(member.Origin, place, binding.Faults.Full ? "" : UnknownKey(member.Name));
        }
        else if (kind.IsSection && !kind.IsSweptWhole)
        {
            binding.Faults.Add(member.Origin, place, "this is a section; sweep one of its keys");
            kind = null;
        }

        return kind;
    }

    private static string UnknownKey(string name)
    {
        string[] valid = [.. Sweepable()];
        string? nearest =
            NearestName.Of(name, valid)
            ?? SpecTable.Likeliest(valid.Where(key => key.EndsWith($".{name}", StringComparison.Ordinal)));
        string hint = nearest is null ? "give the whole path, as training.batch.size" : $"did you mean '{nearest}'?";
        return $"unknown key {SpecFaults.Quote(name)}; {hint}";
    }

    private static List<string>? Values(SpecMember member, SpecKind kind, string place, SpecBinding binding)
    {
        if (member.Value.Kind != SpecNodeKind.Array || member.Value.Items.Count == 0)
        {
            Mismatch(member.Value, place, binding, "a list of at least one value");
            return null;
        }

        List<string> values = [];
        HashSet<string> seen = [];
        for (int index = 0; index < member.Value.Items.Count; index++)
        {
            SpecNode item = member.Value.Items[index];
            string itemPlace = $"{place}[{index}]";
            JsonNode? resolved = kind.Resolve(item, itemPlace, binding);
            if (resolved is null)
            {
                continue;
            }

            string text = SpecWriter.Canonical(resolved);
            if (!seen.Add(text))
            {
                binding.Faults.Add(item.Origin, itemPlace, $"{SpecFaults.Shorten(text)} stands twice in this list");
            }

            values.Add(text);
        }

        return values;
    }
}
