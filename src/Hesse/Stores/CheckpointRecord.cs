namespace Hesse.Stores;

/// <summary>header.json of a checkpoint: how far a chunk had come when its state was saved.</summary>
internal sealed record CheckpointRecord
{
    /// <summary>Version of the layout, 1.</summary>
    public required int Format { get; init; }

    /// <summary>Counts the checkpoints of a folder: the larger is the newer.</summary>
    public required long Sequence { get; init; }

    /// <summary>Identity of the experiment's setting.</summary>
    public required string Identity { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Engine { get; init; }

    /// <summary>Scheme of the random numbers.</summary>
    public required string Rng { get; init; }

    /// <summary>reference, cpu or cuda.</summary>
    public required string Backend { get; init; }

    /// <summary>CUDA architecture; absent for a processor.</summary>
    public string? Architecture { get; init; }

    /// <summary>First replica of the chunk.</summary>
    public required int First { get; init; }

    /// <summary>Replicas of the chunk.</summary>
    public required int Count { get; init; }

    /// <summary>First replica of the wave in training; those before it in the chunk are finished.</summary>
    public required int WaveFirst { get; init; }

    /// <summary>Replicas of the wave.</summary>
    public required int WaveCount { get; init; }

    /// <summary>Updates that the wave has made.</summary>
    public required int Step { get; init; }

    /// <summary>The step at which it was measured last, -1 for none.</summary>
    public required int MeasuredStep { get; init; }

    /// <summary>Quantities due at that step that are measured in all replicas.</summary>
    public required int MeasuredQuantities { get; init; }

    /// <summary>Replicas, from the first on, in which the next of them is measured as well.</summary>
    public required int MeasuredReplicas { get; init; }

    /// <summary>The step of the point that the next measurement may look back at; absent when none does.</summary>
    public int? EarlierStep { get; init; }

    /// <summary>What the chunk observes.</summary>
    public required IReadOnlyList<ObservedRecord> Observed { get; init; }

    /// <summary>Values of the finished replicas and of the wave, and the wave's state.</summary>
    public required IReadOnlyList<ArrayRecord> Files { get; init; }
}
