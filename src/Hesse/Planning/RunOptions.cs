using Hesse.Backends;
using Hesse.Data;

namespace Hesse.Planning;

/// <summary>How a run is carried out: nothing here changes a number.</summary>
public sealed record RunOptions
{
    /// <summary>Folder below which DIR/name/ is written.</summary>
    public string Output { get; init; } = "results";

    /// <summary>auto, reference, cpu or cuda.</summary>
    public string Backend { get; init; } = BackendSelector.Automatic;

    /// <summary>Numbers of the CUDA devices to use; null for the first.</summary>
    public IReadOnlyList<int>? Devices { get; init; }

    /// <summary>Is told, a line each, what changes no number: why there is no CUDA, short device memory, damaged kernel caches.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>Worker threads; 0 for one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>Bytes that waves and their work space may take; 0 for three quarters of what there is, at most 3 GiB.</summary>
    public long Memory { get; init; }

    /// <summary>This process's share.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>Compute everything again.</summary>
    public bool Force { get; init; }

    /// <summary>Read every byte that is stored, and compute again what is damaged.</summary>
    public bool Repair { get; init; }

    /// <summary>A process on another machine that left the folder locked is known to have ended.</summary>
    public bool BreakLock { get; init; }

    /// <summary>Try chunks again that a failing device has given up.</summary>
    public bool RetryFailed { get; init; }

    /// <summary>How often a chunk in work is saved: a run that is killed loses at most this, and the measurement it was in.</summary>
    public TimeSpan CheckpointEvery { get; init; } = DefaultCheckpointEvery;

    /// <summary>Ten minutes.</summary>
    public static TimeSpan DefaultCheckpointEvery { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Replicas of a hundred that are computed again to check what is stored; 0 for none.</summary>
    public double AuditPercent { get; init; }

    /// <summary>Recorded in the manifest.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    /// <summary>Samples from the caller's memory instead of the spec's data section; their content enters the identity.</summary>
    public IDataSource? Data { get; init; }

    /// <summary>A backend of the caller's, which stays the caller's; null to open the one that <see cref="Backend"/> names.</summary>
    public IBackend? OwnBackend { get; init; }

    /// <summary>The caller's own quantities.</summary>
    internal IReadOnlyList<Observables.Observer> Observers { get; init; } = [];

    /// <summary>Worker threads, resolved.</summary>
    internal int ThreadCount => Threads > 0 ? Threads : Environment.ProcessorCount;

    /// <summary>Memory limit, resolved.</summary>
    internal long MemoryLimit =>
        Memory > 0 ? Memory : Math.Min(3L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3);

    /// <summary>Tells the time; nothing that is computed depends on it.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The disk.</summary>
    internal Stores.IFiles Files { get; init; } = Stores.DiskFiles.Instance;

    /// <summary>How result folders are opened.</summary>
    internal Stores.FolderOptions Folder =>
        new()
        {
            Force = Force,
            Repair = Repair,
            BreakLock = BreakLock,
            RetryFailed = RetryFailed,
            Clock = Clock,
        };
}

/// <summary>How far a run has come.</summary>
/// <param name="Setting">Slug of the setting; empty without a sweep.</param>
/// <param name="Done">Replicas of all settings that are finished, those of the current wave by their share.</param>
/// <param name="Total">Replicas of all settings that this process is to have finished in the end.</param>
public sealed record RunProgress(string Setting, double Done, long Total);

/// <summary>What a run did.</summary>
public sealed record RunReport
{
    /// <summary>Whether it was stopped before everything was done.</summary>
    public required bool Stopped { get; init; }

    /// <summary>Replicas of all settings that are finished.</summary>
    public required long Done { get; init; }

    /// <summary>Replicas of all settings.</summary>
    public required long Total { get; init; }

    /// <summary>Replicas that this run computed, wholly or in part.</summary>
    public required long Computed { get; init; }

    /// <summary>Diverged replicas of the finished settings.</summary>
    public required long Diverged { get; init; }

    /// <summary>Settings in which every replica diverged.</summary>
    public required IReadOnlyList<string> AllDiverged { get; init; }

    /// <summary>Folders of the results.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>Broken chunks and arrays that were found and made again, one line each.</summary>
    public required IReadOnlyList<string> Repairs { get; init; }

    /// <summary>Chunks that were left out because a device failed with them again and again, one line each.</summary>
    public required IReadOnlyList<string> GivenUp { get; init; }

    /// <summary>Replicas that were computed again to check them.</summary>
    public int Audited { get; init; }

    /// <summary>Stored numbers that came out differently, one line each.</summary>
    public IReadOnlyList<string> AuditFindings { get; init; } = [];

    /// <summary>What the user may not have meant, one line each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Seconds of each stage.</summary>
    public required IReadOnlyList<KeyValuePair<string, double>> Stages { get; init; }
}
