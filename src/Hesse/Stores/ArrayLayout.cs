namespace Hesse.Stores;

/// <summary>How one array of a quantity lies in a file: (replicas, times, element shape), or (replicas, element shape) without times.</summary>
internal sealed record ArrayLayout
{
    /// <summary>Name of the quantity.</summary>
    public required string Quantity { get; init; }

    /// <summary>Name of the part for a quantity that has several files.</summary>
    public string? Part { get; init; }

    /// <summary>Element type.</summary>
    public NpyType Type { get; init; } = NpyType.Float64;

    /// <summary>Shape of one replica's value at one time; empty for a scalar.</summary>
    public IReadOnlyList<long> ElementShape { get; init; } = [];

    /// <summary>Steps; empty for an array without a time axis.</summary>
    public IReadOnlyList<int> Times { get; init; } = [];

    /// <summary>SHA-256 of the quantity's options.</summary>
    public required string Options { get; init; }

    /// <summary>Name of the file.</summary>
    public string FileName => Part is null ? $"{Quantity}.npy" : $"{Quantity}.{Part}.npy";

    /// <summary>Numbers of one replica at one time.</summary>
    public long ElementCount => ElementShape.Aggregate(1L, (product, length) => checked(product * length));

    /// <summary>Numbers of one replica.</summary>
    public long RowLength => checked(ElementCount * Math.Max(1, Times.Count));

    /// <summary>The shape of a file of this many replicas.</summary>
    public IReadOnlyList<long> Shape(int replicas) =>
        Times.Count == 0 ? [replicas, .. ElementShape] : [replicas, Times.Count, .. ElementShape];

    /// <summary>The layout that a stored file has.</summary>
    public static ArrayLayout Of(ArrayRecord record) =>
        new()
        {
            Quantity = record.Quantity,
            Part = record.Part,
            Type = NpyHeader.TypeOf(record.DType, record.File),
            ElementShape = [.. record.Shape.Skip(record.Times.Count == 0 ? 1 : 2)],
            Times = record.Times,
            Options = record.Options,
        };

    /// <summary>Whether two layouts describe the same file but for the number of replicas.</summary>
    public bool Fits(ArrayLayout other) =>
        string.Equals(FileName, other.FileName, StringComparison.Ordinal)
        && Type == other.Type
        && string.Equals(Options, other.Options, StringComparison.Ordinal)
        && ElementShape.SequenceEqual(other.ElementShape)
        && Times.SequenceEqual(other.Times);
}
