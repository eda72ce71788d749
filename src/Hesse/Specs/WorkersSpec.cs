namespace Hesse.Specs;

/// <summary>What a step makes of what the workers send, or how workers that train on their own meet.</summary>
public enum Aggregation
{
    /// <summary>Mean of the gradients.</summary>
    Mean,

    /// <summary>Median of the gradients, coordinate by coordinate.</summary>
    Median,

    /// <summary>Sign of the sum of the gradients' signs.</summary>
    MajorityVote,

    /// <summary>Random signs whose mean is the gradient over b; the server adds what its last outputs left over.</summary>
    StoSign,

    /// <summary>Mean of the gradients of the workers that have not been removed for straying.</summary>
    Safeguard,

    /// <summary>Every worker trains its own parameters; all become their mean every period steps.</summary>
    Local,

    /// <summary>Every worker trains its own parameters and mixes them with its neighbours'; all become their mean every period steps.</summary>
    GossipPga,
}

/// <summary>Whose samples a worker draws from.</summary>
public enum WorkerSplit
{
    /// <summary>Every worker draws from all samples, with random numbers of its own.</summary>
    Iid,

    /// <summary>Every worker has a share of the samples with one class or a few.</summary>
    ByClass,
}

/// <summary>Which workers exchange parameters.</summary>
public enum WorkerGraph
{
    /// <summary>Worker m with m - 1 and m + 1, closed.</summary>
    Ring,

    /// <summary>Rows x columns, as square as possible, each with the up to four beside it; not closed.</summary>
    Grid,

    /// <summary>Each with all.</summary>
    Complete,
}

/// <summary>What a Byzantine worker sends in place of its gradient g.</summary>
public enum Attack
{
    /// <summary>-g</summary>
    SignFlip,

    /// <summary>0</summary>
    Zero,

    /// <summary>The gradient on labels C - 1 - y.</summary>
    LabelFlip,

    /// <summary>Its gradient of some steps ago.</summary>
    Delayed,

    /// <summary>-g / 2: a flipped sign that keeps nearer to the others.</summary>
    Safeguard,

    /// <summary>Mean minus 0.3 standard deviations of the honest gradients, coordinate by coordinate.</summary>
    Variance,
}

/// <summary>Distributed training simulated inside a replica: M workers, each with mini-batches of its own.</summary>
public sealed record WorkersSpec
{
    /// <summary>Most workers.</summary>
    public const int MostWorkers = 1024;

    /// <summary>M</summary>
    public required int Count { get; init; }

    /// <summary>What a step makes of what the workers send.</summary>
    public required Aggregation Aggregation { get; init; }

    /// <summary>
    /// Standard deviation of normal noise: on every gradient before it is aggregated, with safeguard once on the mean; with sto-sign
    /// the b of the random signs. 0 for none, with sto-sign for the largest |g_j| of the worker.
    /// </summary>
    public double Noise { get; init; }

    /// <summary>Whose samples a worker draws from.</summary>
    public WorkerSplit Split { get; init; } = WorkerSplit.Iid;

    /// <summary>Steps between means over all workers; with safeguard the length of the short window, an epoch when null.</summary>
    public int? Period { get; init; }

    /// <summary>Which workers exchange parameters, with gossip-pga.</summary>
    public WorkerGraph? Graph { get; init; }

    /// <summary>Whether the server of sto-sign keeps what its outputs left over; null, where it is not asked for, is true.</summary>
    public bool? ErrorFeedback { get; init; }

    /// <summary>The workers that attack, the last ones; null for none.</summary>
    public ByzantineSpec? Byzantine { get; init; }

    /// <summary>The same, or null where nobody attacks.</summary>
    internal ByzantineSpec? Attackers => Byzantine is { Count: > 0 } ? Byzantine : null;
}

/// <summary>Workers that attack.</summary>
public sealed record ByzantineSpec
{
    /// <summary>How many: the last ones, fewer than half.</summary>
    public required int Count { get; init; }

    /// <summary>What they send.</summary>
    public required Attack Attack { get; init; }

    /// <summary>Steps by which attack delayed is late; null, where it is not asked for, is 1000.</summary>
    public int? Delay { get; init; }
}
