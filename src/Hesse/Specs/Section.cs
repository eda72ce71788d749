using System.Text.Json.Nodes;

namespace Hesse.Specs;

/// <summary>One row of the table of keys: a key of the section that makes a <typeparamref name="TOwner"/>.</summary>
internal abstract class SpecKey<TOwner>(string name, string description)
{
    public string Name { get; } = name;

    /// <summary>One sentence for the schema.</summary>
    public string Description { get; } = description;

    /// <summary>Whether the key must be given; otherwise the record's own default holds.</summary>
    public bool Required { get; init; }

    /// <summary>
    /// Whether the resolved spec leaves the key out while it holds its default: right for a key that came after specs were in
    /// use, whose identities must stay as they are.
    /// </summary>
    public bool OmitDefault { get; init; }

    public abstract SpecKind Kind { get; }

    /// <summary>The owner with this key read into it, or as it was after a fault.</summary>
    public abstract TOwner Bind(TOwner owner, SpecNode node, string path, SpecBinding binding);

    /// <summary>The key's value as JSON, or null when the owner has none.</summary>
    public abstract JsonNode? Write(TOwner owner, bool sparse = false);

    /// <summary>The owner with 0 for this key where its value is a number that may follow a schedule.</summary>
    public abstract TOwner WithoutNumber(TOwner owner);
}

/// <summary>One row of the table of keys, with the type of its value.</summary>
/// <param name="name">The key.</param>
/// <param name="kind">What it may hold.</param>
/// <param name="get">Takes the value from the record.</param>
/// <param name="set">The record with another value.</param>
/// <param name="description">One sentence for the schema.</param>
internal sealed class SpecKey<TOwner, TValue>(
    string name,
    SpecKind<TValue> kind,
    Func<TOwner, TValue> get,
    Func<TOwner, TValue, TOwner> set,
    string description
) : SpecKey<TOwner>(name, description)
{
    public override SpecKind Kind => kind;

    public override TOwner Bind(TOwner owner, SpecNode node, string path, SpecBinding binding) =>
        kind.TryRead(node, path, binding, out TValue value) ? set(owner, value) : owner;

    public override JsonNode? Write(TOwner owner, bool sparse = false) =>
        sparse ? kind.WriteSparse(get(owner)) : kind.Write(get(owner));

    public override TOwner WithoutNumber(TOwner owner) => new Schedule(0) is TValue zero ? set(owner, zero) : owner;
}

/// <summary>A section that may be absent, and then stays out of the resolved spec.</summary>
internal sealed class OptionalSection<T>(Section<T> section) : SpecKind<T?>
    where T : class
{
    public override bool IsSection => true;

    public override IReadOnlyList<SpecKeyName> Keys => section.Keys;

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out T? value)
    {
        bool read = section.TryRead(node, path, binding, out T one);
        value = read ? one : null;
        return read;
    }

    public override JsonNode? Write(T? value) => value is null ? null : section.Write(value);

    public override JsonNode? WriteSparse(T? value) => value is null ? null : section.WriteSparse(value);

    public override JsonObject Schema() => section.Schema();
}

/// <summary>An object with known keys, read into an immutable record. Defaults are those of the record itself.</summary>
/// <param name="prototype">A record with every default; required keys hold a placeholder.</param>
/// <param name="keys">Its keys in the order in which they are written.</param>
internal sealed class Section<T>(T prototype, params SpecKey<T>[] keys) : SpecKind<T>
    where T : class
{
    public override bool IsSection => true;

    public override IReadOnlyList<SpecKeyName> Keys { get; } =
    [.. keys.Select(key => new SpecKeyName(key.Name, key.Kind))];

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out T value) =>
        TryRead(node, path, binding, [], out value);

    /// <summary>Reads a section that may have other keys, which the caller reads.</summary>
    public bool TryRead(SpecNode node, string path, SpecBinding binding, string[] others, out T value)
    {
        value = prototype;
        if (node.Kind != SpecNodeKind.Object)
        {
            return Mismatch(
                node,
                path,
                binding,
                $"keys and values ({string.Join(", ", keys.Select(key => key.Name))})"
            );
        }

        foreach (SpecMember member in node.Members)
        {
            string place = Join(path, member.Name);
            SpecKey<T>? key = Array.Find(keys, key => key.Name == member.Name);
            if (key is not null)
            {
                value = key.Bind(value, member.Value, place, binding);
            }
            else if (!others.Contains(member.Name))
            {
                string message = binding.Faults.Full ? "" : Unknown(path, member.Name, others);
                binding.Faults.Note(member.Origin, path, message);
                binding.Faults.MarkUnsound(place);
            }
        }

        foreach (SpecKey<T> key in keys)
        {
            if (key.Required && node.Find(key.Name) is null)
            {
                binding.Faults.Add(node.Origin, Join(path, key.Name), "this key is required and missing");
            }
        }

        return true;
    }

    public override JsonNode? Write(T value)
    {
        JsonObject written = [];
        WriteInto(written, value, sparse: false);
        return written;
    }

    public override JsonNode? WriteSparse(T value)
    {
        JsonObject written = [];
        WriteInto(written, value, sparse: true);
        return written;
    }

    /// <summary>Writes the keys into an object.</summary>
    /// <param name="written">The object.</param>
    /// <param name="value">The record.</param>
    /// <param name="sparse">Whether keys that hold their default are left out.</param>
    public void WriteInto(JsonObject written, T value, bool sparse)
    {
        foreach (SpecKey<T> key in keys)
        {
            JsonNode? node = key.Write(value, sparse);
            bool stated =
                key.Required
                || !(sparse || key.OmitDefault)
                || !JsonNode.DeepEquals(node, key.Write(prototype, sparse));
            if (node is not null && stated)
            {
                written[key.Name] = node;
            }
        }
    }

    /// <summary>The record with 0 for every number that may follow a schedule.</summary>
    public T WithoutNumbers(T value) => keys.Aggregate(value, (rest, key) => key.WithoutNumber(rest));

    public override JsonObject Schema()
    {
        JsonObject properties = [];
        JsonArray required = [];
        foreach (SpecKey<T> key in keys)
        {
            JsonObject schema = key.Kind.Schema();
            schema["description"] = key.Description;
            if (key.Required)
            {
                required.Add(key.Name);
            }
            else if (key.Write(prototype) is { } standard)
            {
                schema["default"] = standard;
            }

            properties[key.Name] = schema;
        }

        JsonObject whole = new()
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        if (required.Count > 0)
        {
            whole["required"] = required;
        }

        return whole;
    }

    private static string Join(string path, string name) =>
        path.Length == 0 ? SpecFaults.Shorten(name) : $"{path}.{SpecFaults.Shorten(name)}";

    private string Unknown(string path, string name, string[] others)
    {
        string[] valid = [.. keys.Select(key => key.Name), .. others];
        if (NearestName.Of(name, valid) is null && SpecTable.HomeOf(name, path) is { } home)
        {
            return $"unknown key {SpecFaults.Quote(name)}; did you mean '{home}'?";
        }

        return NearestName.Unknown("key", name, valid);
    }
}
