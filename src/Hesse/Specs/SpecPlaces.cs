namespace Hesse.Specs;

/// <summary>Where the keys of a spec stand in its text. No part of the spec's value: any two are equal.</summary>
internal sealed class SpecPlaces : IEquatable<SpecPlaces>
{
    private readonly Func<string, SpecOrigin>? _locate;

    /// <summary>Places in a tree.</summary>
    /// <param name="locate">The place of a key, as observe[2].quantity; of the innermost section around it where it is absent.</param>
    public SpecPlaces(Func<string, SpecOrigin> locate) => _locate = locate;

    private SpecPlaces() { }

    /// <summary>Of a spec that was made in code.</summary>
    public static SpecPlaces None { get; } = new();

    /// <summary>What stands before a message about a key: "spec.yaml:3:12: ", or nothing where there is no text.</summary>
    public string Before(string path) => _locate is null ? string.Empty : $"{_locate(path)}: ";

    public bool Equals(SpecPlaces? other) => other is not null;

    public override bool Equals(object? obj) => Equals(obj as SpecPlaces);

    public override int GetHashCode() => 0;
}
