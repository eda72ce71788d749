namespace Hesse.Specs;

/// <summary>What a node of a spec's tree holds.</summary>
internal enum SpecNodeKind
{
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

/// <summary>Where a node comes from: a place in a file, or a command-line option (line 0).</summary>
/// <param name="Source">File name as the user gave it, or the option with its value.</param>
/// <param name="Line">From 1; 0 for an option.</param>
/// <param name="Column">From 1, in characters.</param>
internal readonly record struct SpecOrigin(string Source, int Line, int Column)
{
    /// <summary>Whether the place is an option of the command line.</summary>
    public bool IsOption => Line == 0 && Source.StartsWith("--", StringComparison.Ordinal);

    public override string ToString() => Line == 0 ? Source : $"{Source}:{Line}:{Column}";
}

/// <summary>A key of an object with its value.</summary>
internal sealed record SpecMember(string Name, SpecOrigin Origin, SpecNode Value);

/// <summary>
/// A node of the tree that YAML and JSON texts have in common. Numbers keep their text, so that no digit is lost before the
/// key that they belong to says what they are.
/// </summary>
internal sealed class SpecNode(SpecNodeKind kind, SpecOrigin origin, string text = "")
{
    private readonly List<SpecMember> _members = [];
    private readonly Dictionary<string, int> _index = [];

    public SpecNodeKind Kind { get; } = kind;

    public SpecOrigin Origin { get; } = origin;

    /// <summary>The text of a string, number or boolean (true, false).</summary>
    public string Text { get; } = text;

    public List<SpecNode> Items { get; } = [];

    public IReadOnlyList<SpecMember> Members => _members;

    /// <summary>Adds a key to an object; false when the object has it already.</summary>
    public bool TryAdd(SpecMember member)
    {
        if (!_index.TryAdd(member.Name, _members.Count))
        {
            return false;
        }

        _members.Add(member);
        return true;
    }

    /// <summary>The key of this name, or null.</summary>
    public SpecMember? Find(string name) => _index.TryGetValue(name, out int index) ? _members[index] : null;

    /// <summary>
    /// The same tree with one value put in at a path of keys; objects on the way are made where they are missing, and a number whose
    /// start, factor or milestones are given becomes the schedule that begins with it. Null when something else on the way is not an
    /// object; <paramref name="obstacle"/> then says how many segments lead to it.
    /// </summary>
    public SpecNode? With(ReadOnlySpan<string> path, SpecNode value, out int obstacle)
    {
        obstacle = 0;
        if (path.IsEmpty)
        {
            return value;
        }

        if (Kind == SpecNodeKind.Number && path is ["start" or "factor" or "milestones"])
        {
            SpecNode schedule = new(SpecNodeKind.Object, Origin);
            schedule.TryAdd(new SpecMember("start", Origin, this));
            return schedule.With(path, value, out obstacle);
        }

        if (Kind != SpecNodeKind.Object)
        {
            return null;
        }

        SpecMember? old = Find(path[0]);
        SpecNode child = old?.Value ?? new SpecNode(SpecNodeKind.Object, value.Origin);
        SpecNode? changed = child.With(path[1..], value, out obstacle);
        obstacle++;
        if (changed is null)
        {
            return null;
        }

        SpecNode copy = new(SpecNodeKind.Object, Origin);
        foreach (SpecMember member in _members)
        {
            copy.TryAdd(member.Name == path[0] ? new SpecMember(path[0], value.Origin, changed) : member);
        }

        copy.TryAdd(new SpecMember(path[0], value.Origin, changed));
        return copy;
    }

    /// <summary>What the node is, for messages: "the text 'on'", "the number 1e3", "a list".</summary>
    public string Describe() =>
        Kind switch
        {
            SpecNodeKind.Object => "keys and values",
            SpecNodeKind.Array => Items.Count == 0 ? "an empty list" : "a list",
            SpecNodeKind.String => $"the text {SpecFaults.Quote(Text)}",
            SpecNodeKind.Number => $"the number {SpecFaults.Shorten(Text)}",
            SpecNodeKind.Boolean => Text,
            _ => "nothing",
        };
}
