namespace Hesse.Specs;

/// <summary>Puts the events of a YAML or JSON parser together to a tree, with the limits that both share.</summary>
internal sealed class SpecTreeBuilder(SpecFaults faults)
{
    /// <summary>No spec needs half of it; a deeper text is an attack or an accident.</summary>
    public const int MaximalDepth = 32;

    /// <summary>A list of 20,000 steps fits well; more is no spec, and the YAML parser takes microseconds for each.</summary>
    public const int MaximalNodes = 50_000;

    private readonly Stack<Frame> _open = new();
    private int _nodes;

    /// <summary>The tree, once its last node is closed.</summary>
    public SpecNode? Root { get; private set; }

    /// <summary>Whether a key must come next, not a value.</summary>
    public bool ExpectsKey => _open.Count > 0 && _open.Peek() is { Node.Kind: SpecNodeKind.Object, Key: null };

    /// <summary>Begins an object or a list.</summary>
    /// <exception cref="HesseException">Exit code 65 at the first node that lies too deep, before more of the text is read.</exception>
    public void Open(SpecNodeKind kind, SpecOrigin origin)
    {
        if (_open.Count == MaximalDepth)
        {
            faults.Add(origin, "", $"nested deeper than {MaximalDepth} levels");
            faults.ThrowIfAny();
        }

        _open.Push(new Frame(new SpecNode(kind, origin)));
    }

    /// <summary>Ends the innermost object or list.</summary>
    public void Close() => Put(_open.Pop().Node);

    /// <summary>A key of the innermost object.</summary>
    public void Key(string name, SpecOrigin origin)
    {
        Frame frame = _open.Peek();
        frame.Key = name;
        frame.KeyOrigin = origin;
    }

    /// <summary>A string, number, boolean or null.</summary>
    public void Scalar(SpecNodeKind kind, SpecOrigin origin, string text) => Put(new SpecNode(kind, origin, text));

    private void Put(SpecNode node)
    {
        if (++_nodes > MaximalNodes)
        {
            faults.Add(node.Origin, "", $"more than {MaximalNodes} values, the limit of a spec");
            faults.ThrowIfAny();
        }

        if (_open.Count == 0)
        {
            Root = node;
            return;
        }

        Frame frame = _open.Peek();
        if (frame.Node.Kind == SpecNodeKind.Array)
        {
            frame.Node.Items.Add(node);
            return;
        }

        string key = frame.Key!;
        frame.Key = null;
        if (!frame.Node.TryAdd(new SpecMember(key, frame.KeyOrigin, node)))
        {
            SpecOrigin first = frame.Node.Find(key)!.Origin;
            faults.Add(frame.KeyOrigin, "", $"duplicate key {SpecFaults.Quote(key)}, first given in line {first.Line}");
        }
    }

    private sealed class Frame(SpecNode node)
    {
        public SpecNode Node { get; } = node;

        public string? Key { get; set; }

        public SpecOrigin KeyOrigin { get; set; }
    }
}
