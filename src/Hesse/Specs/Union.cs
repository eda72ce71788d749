using System.Text.Json.Nodes;

namespace Hesse.Specs;

/// <summary>One kind of a section that comes in several: its name and its keys.</summary>
internal abstract class Variant<TBase>(string name, string description)
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    public abstract SpecKind Section { get; }

    /// <summary>Reads the keys; false when this is not an object.</summary>
    public abstract bool TryRead(SpecNode node, string path, SpecBinding binding, out TBase value);

    /// <summary>Writes the record's keys, if the record is of this kind.</summary>
    public abstract bool TryWrite(TBase value, JsonObject written, bool sparse);

    /// <summary>The record with 0 for every number that may follow a schedule; itself when it is of another kind.</summary>
    public abstract TBase WithoutNumbers(TBase value);
}

/// <summary>One kind of a section that comes in several, with its record type.</summary>
internal sealed class Variant<TBase, T>(string name, string description, T prototype, params SpecKey<T>[] keys)
    : Variant<TBase>(name, description)
    where T : class, TBase
{
    private readonly Section<T> _section = new(prototype, keys);

    public override SpecKind Section => _section;

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out TBase value)
    {
        bool read = _section.TryRead(node, path, binding, [Union<TBase>.KindKey], out T record);
        value = record;
        return read;
    }

    public override bool TryWrite(TBase value, JsonObject written, bool sparse)
    {
        if (value is not T record)
        {
            return false;
        }

        _section.WriteInto(written, record, sparse);
        return true;
    }

    public override TBase WithoutNumbers(TBase value) => value is T record ? _section.WithoutNumbers(record) : value;
}

/// <summary>A section whose key "kind" decides what its other keys are.</summary>
internal sealed class Union<TBase>(params Variant<TBase>[] variants) : SpecKind<TBase>
{
    public const string KindKey = "kind";

    public override bool IsSection => true;

    public override bool IsSweptWhole => true;

    /// <summary>The keys of all kinds together.</summary>
    public override IReadOnlyList<SpecKeyName> Keys { get; } =
    [
        new SpecKeyName(KindKey, new OneOfKind("kind", [.. variants.Select(variant => variant.Name)])),
        .. variants.SelectMany(variant => variant.Section.Keys).DistinctBy(key => key.Name),
    ];

    /// <summary>A key of the kind that stands there; failing that, of any kind, for sweeps over the kind itself.</summary>
    public override SpecKind? Find(string name, SpecNode? node)
    {
        string? kind = node?.Find(KindKey)?.Value.Text;
        Variant<TBase>? variant = Array.Find(variants, variant => variant.Name == kind);
        return variant?.Section.Find(name, node) ?? base.Find(name, node);
    }

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out TBase value)
    {
        value = default!;
        if (node.Kind != SpecNodeKind.Object)
        {
            return Mismatch(node, path, binding, "keys and values, kind first");
        }

        string[] names = [.. variants.Select(variant => variant.Name)];
        string place = $"{path}.{KindKey}";
        if (node.Find(KindKey) is not { } member)
        {
            binding.Faults.Add(
                node.Origin,
                place,
                $"this key is required and missing (one of {string.Join(", ", names)})"
            );
            binding.Faults.MarkUnsound(path);
            return false;
        }

        if (!new OneOfKind("kind", names).TryRead(member.Value, place, binding, out string name))
        {
            binding.Faults.MarkUnsound(path);
            return false;
        }

        return Array.Find(variants, variant => variant.Name == name)!.TryRead(node, path, binding, out value);
    }

    public override JsonNode? Write(TBase value) => Write(value, sparse: false);

    public override JsonNode? WriteSparse(TBase value) => Write(value, sparse: true);

    public override JsonObject Schema()
    {
        JsonArray kinds = [];
        foreach (Variant<TBase> variant in variants)
        {
            JsonObject schema = variant.Section.Schema();
            JsonObject properties = new() { [KindKey] = new JsonObject { ["const"] = variant.Name } };
            foreach ((string key, JsonNode? property) in schema["properties"]!.AsObject())
            {
                properties[key] = property!.DeepClone();
            }

            schema["description"] = variant.Description;
            schema["properties"] = properties;
            JsonArray required = schema["required"] as JsonArray ?? [];
            required.Insert(0, KindKey);
            schema["required"] = required.DeepClone();
            kinds.Add(schema);
        }

        return new JsonObject { ["type"] = "object", ["oneOf"] = kinds };
    }

    /// <summary>The record with 0 for every number that may follow a schedule.</summary>
    public TBase WithoutNumbers(TBase value) =>
        variants.Aggregate(value, (rest, variant) => variant.WithoutNumbers(rest));

    private JsonObject Write(TBase value, bool sparse)
    {
        foreach (Variant<TBase> variant in variants)
        {
            JsonObject written = new() { [KindKey] = variant.Name };
            if (variant.TryWrite(value, written, sparse))
            {
                return written;
            }
        }

        throw new ArgumentException($"no kind writes a {value?.GetType().Name}", nameof(value));
    }
}
