namespace Hesse.Stores;

/// <summary>Where the files of one setting lie.</summary>
/// <param name="Root">The setting's folder.</param>
/// <param name="Shard">This process's share of a run that several processes compute.</param>
internal sealed record ResultPaths(string Root, Planning.Shard Shard)
{
    /// <summary>Begins the name of a chunk that is being replaced.</summary>
    public const string ReplacedPrefix = "replaced-";

    public string Spec => Path.Combine(Root, "spec.json");

    public string Manifest => Path.Combine(Root, "manifest.json");

    public string Lock => Path.Combine(Root, "owner.lock");

    /// <summary>The owner's record: of a whole run, or of one shard.</summary>
    public string Owner => Shard.Count == 1 ? WholeOwner : Path.Combine(Shards, $"{ShardName}.json");

    /// <summary>The record of a run without shards.</summary>
    public string WholeOwner => Path.Combine(Root, "owner.json");

    /// <summary>Locks and records of the shards at work.</summary>
    public string Shards => Path.Combine(Root, "shards");

    /// <summary>Keeps one shard for one process.</summary>
    public string ShardLock => Path.Combine(Shards, $"{ShardName}.lock");

    /// <summary>One record for each chunk whose device failed.</summary>
    public string Failed => Path.Combine(Root, "failed");

    public string Log => Path.Combine(Root, "log.jsonl");

    public string Chunks => Path.Combine(Root, "chunks");

    /// <summary>The last two checkpoints of a chunk.</summary>
    public string CheckpointsOf(Planning.ReplicaRange chunk) => Path.Combine(Checkpoints, chunk.FolderName);

    /// <summary>The checkpoints of this process's chunks in work.</summary>
    public string Checkpoints => Shard.Count == 1 ? AllCheckpoints : Path.Combine(AllCheckpoints, ShardName);

    public string AllCheckpoints => Path.Combine(Root, "checkpoint");

    public string Arrays => Path.Combine(Root, "arrays");

    public string Summary => Path.Combine(Root, "summary.csv");

    public string Replicas => Path.Combine(Root, "replicas.csv");

    public string AllTemporary => Path.Combine(Root, "tmp");

    /// <summary>This process's own; shards do not sweep each other's.</summary>
    public string Temporary => Shard.Count == 1 ? AllTemporary : Path.Combine(AllTemporary, ShardName);

    private string ShardName => $"shard-{Shard.Index}-of-{Shard.Count}";
}
