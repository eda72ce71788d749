using System.Text.Json.Nodes;

namespace Hesse.Specs;

/// <summary>What a binding carries along: where relative paths start, the whole tree, and the faults found.</summary>
internal sealed record SpecBinding(SpecNode Root, string Folder, SpecFaults Faults);

/// <summary>A key of a section, as suggestions, sweeps and the schema see it.</summary>
/// <param name="Name">The key itself.</param>
/// <param name="Kind">What it may hold.</param>
internal sealed record SpecKeyName(string Name, SpecKind Kind);

/// <summary>What a value may be: how it is read, written again and described in the schema.</summary>
internal abstract class SpecKind
{
    /// <summary>The keys that an object of this kind may have; empty for a leaf.</summary>
    public virtual IReadOnlyList<SpecKeyName> Keys => [];

    /// <summary>Whether the kind is a section of keys; everything else is a leaf, which may be swept.</summary>
    public virtual bool IsSection => false;

    /// <summary>Whether a section may be swept as a whole: one whose kind decides which keys it has.</summary>
    public virtual bool IsSweptWhole => false;

    /// <summary>The kind of a key of this section, given what stands there now, or null for a key that it does not have.</summary>
    public virtual SpecKind? Find(string name, SpecNode? node) => Keys.FirstOrDefault(key => key.Name == name)?.Kind;

    /// <summary>JSON Schema of the kind, without description and default.</summary>
    public abstract JsonObject Schema();

    /// <summary>The value in its resolved form; null after a fault, which is then noted.</summary>
    public abstract JsonNode? Resolve(SpecNode node, string path, SpecBinding binding);
}

/// <summary>A kind whose values are of one .NET type.</summary>
internal abstract class SpecKind<T> : SpecKind
{
    /// <summary>
    /// Reads a value and notes every fault. False when no value could be had at all; after a fault inside an object or a list
    /// the value holds what was sound.
    /// </summary>
    public abstract bool TryRead(SpecNode node, string path, SpecBinding binding, out T value);

    /// <summary>The value as JSON, or null when there is none.</summary>
    public abstract JsonNode? Write(T value);

    /// <summary>The same without the keys that hold their default.</summary>
    public virtual JsonNode? WriteSparse(T value) => Write(value);

    public sealed override JsonNode? Resolve(SpecNode node, string path, SpecBinding binding)
    {
        bool read = TryRead(node, path, binding, out T value);
        return read && binding.Faults.Sound(path) ? Write(value) : null;
    }

    /// <summary>Notes that the node is of another kind than expected.</summary>
    protected static bool Mismatch(SpecNode node, string path, SpecBinding binding, string expected)
    {
        binding.Faults.Add(node.Origin, path, $"expected {expected}, found {node.Describe()}");
        return false;
    }
}
