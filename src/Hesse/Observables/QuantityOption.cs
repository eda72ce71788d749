using System.Text.Json.Nodes;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>An option of a quantity, given beside its name in a spec: {quantity: NAME, OPTION: VALUE, at: [..]}.</summary>
public sealed class QuantityOption
{
    private QuantityOption(string name, SpecKind kind, JsonNode standard, string description)
    {
        Name = name;
        Kind = kind;
        Default = SpecWriter.Canonical(standard);
        Description = description;
    }

    /// <summary>The key.</summary>
    public string Name { get; }

    /// <summary>One sentence.</summary>
    public string Description { get; }

    /// <summary>The value when it is not given, as canonical JSON.</summary>
    public string Default { get; }

    /// <summary>How it is read.</summary>
    internal SpecKind Kind { get; }

    /// <summary>A whole number in a range.</summary>
    internal static QuantityOption Whole(string name, int standard, int minimum, int maximum, string description) =>
        new(name, new IntegerKind<int>(minimum, maximum), JsonValue.Create(standard), description);

    /// <summary>A finite number in a range, without the upper bound itself where that is open.</summary>
    internal static QuantityOption Number(
        string name,
        double standard,
        double minimum,
        double maximum,
        string description,
        bool openMaximum = false
    ) => new(name, new NumberKind(minimum, maximum, openMaximum: openMaximum), JsonValue.Create(standard), description);

    /// <summary>true or false, false being the default.</summary>
    internal static QuantityOption Flag(string name, string description) =>
        new(name, new BooleanKind(), JsonValue.Create(false), description);

    /// <summary>One of some names, the first being the default.</summary>
    internal static QuantityOption Choice(string name, IReadOnlyList<string> names, string description) =>
        new(name, new OneOfKind("value", names), JsonValue.Create(names[0]), description);
}
