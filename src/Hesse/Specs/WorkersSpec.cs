namespace Hesse.Specs;

/// <summary>What a step makes of the vectors of all workers.</summary>
public enum Aggregation
{
    /// <summary>Mean of the gradients.</summary>
    Mean,
}

/// <summary>Distributed training simulated inside a replica: M workers, each with mini-batches of its own.</summary>
public sealed record WorkersSpec
{
    /// <summary>M</summary>
    public required int Count { get; init; }

    /// <summary>What a step makes of the vectors of all workers.</summary>
    public required Aggregation Aggregation { get; init; }
}
