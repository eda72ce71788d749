using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Backends;

/// <summary>
/// Everything that determines a replica's trajectory except its index: what a backend needs to train. The numbers of
/// replica r are a pure function of (this, r).
/// </summary>
public sealed record TrainingProblem
{
    /// <summary>The net.</summary>
    public required Network Network { get; init; }

    /// <summary>Arithmetic of the training.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Seed of the experiment: the Philox key.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Training and test samples.</summary>
    public required IDataSource Data { get; init; }

    /// <summary>The update rule with its numbers.</summary>
    public required OptimizerSpec Optimizer { get; init; }

    /// <summary>Size and order of the mini-batches.</summary>
    public required BatchSpec Batch { get; init; }

    /// <summary>The workers whose distributed training each replica simulates, or null for plain training.</summary>
    public WorkersSpec? Workers { get; init; }

    /// <summary>Fills theta_0 of a replica (P), already rounded to <see cref="Precision"/>.</summary>
    public required InitialPoint InitialPoint { get; init; }
}

/// <summary>Writes the initial parameters of a replica, (P), rounded to the training precision.</summary>
/// <param name="replica">Index of the replica in the experiment.</param>
/// <param name="parameters">(P), overwritten.</param>
public delegate void InitialPoint(int replica, Span<double> parameters);
