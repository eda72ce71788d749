using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>What is left to do of an experiment that several processes compute. Reads result folders, and neither locks nor writes.</summary>
internal sealed record ShardWork
{
    /// <summary>Shards that own at least one chunk, there or not.</summary>
    public required int Sharing { get; init; }

    /// <summary>Shards that own at least one chunk that is not there, ascending.</summary>
    public required IReadOnlyList<int> Unfinished { get; init; }

    /// <summary>Those of them that a process works on at this moment, with its name.</summary>
    public required IReadOnlyList<KeyValuePair<int, OwnerRecord>> AtWork { get; init; }

    /// <summary>Replicas of all settings that are finished.</summary>
    public required long Done { get; init; }

    /// <summary>Replicas of all settings.</summary>
    public required long Total { get; init; }

    /// <summary>Whether the arrays of every setting are merged.</summary>
    public required bool Complete { get; init; }

    /// <summary>Looks at what is there.</summary>
    /// <param name="spec">The experiment.</param>
    /// <param name="options">Where its results lie.</param>
    /// <param name="shards">Number of shards.</param>
    /// <exception cref="HesseException">65, 66, 71: as for a run; 73: a folder belongs to another experiment.</exception>
    public static ShardWork Of(Spec spec, RunOptions options, int shards)
    {
        Plan plan = Plan.Of(spec, options);
        int blocks = ((plan.Replicas - 1) / ReplicaRange.BlockSize) + 1;
        SortedSet<int> unfinished = [];
        Dictionary<int, OwnerRecord> atWork = [];
        long done = 0;
        bool complete = true;
        for (int setting = 0; setting < plan.Settings.Count; setting++)
        {
            SettingPlan one = plan.Settings[setting];
            ResultPaths paths = new(
                Path.GetFullPath(Path.Combine(options.Output, one.Setting.Spec.Name, one.Setting.Slug)),
                Shard.Whole
            );
            ChunkFolder[] finished = [.. Finished(options.Files, paths, one)];
            done += Coverage.Done(finished, one.Observed, plan.Replicas);
            complete &= Results.TryManifest(options.Files, paths)?.Complete == true;
            foreach (ReplicaRange range in ReplicaRange.Missing(finished.Select(chunk => chunk.Range), plan.Replicas))
            {
                unfinished.Add(
                    Enumerable.Range(0, shards).First(i => new Shard(i, shards).Owns(setting, blocks, range.Block))
                );
            }

            foreach (ResultOwner owner in Results.Owners(options.Files, paths).Where(owner => owner.State == "working"))
            {
                if (owner.Record.Shard?.Split('/') is [var index, var count] && count == $"{shards}")
                {
                    atWork[int.Parse(index)] = owner.Record;
                }
            }
        }

        return new ShardWork
        {
            Sharing = (int)Math.Min(shards, (long)blocks * plan.Settings.Count),
            Unfinished = [.. unfinished],
            AtWork = [.. atWork.Where(pair => unfinished.Contains(pair.Key)).OrderBy(pair => pair.Key)],
            Done = done,
            Total = (long)plan.Replicas * plan.Settings.Count,
            Complete = complete && unfinished.Count == 0,
        };
    }

    /// <summary>The chunks that are whole and hold everything observed; a run computes all others.</summary>
    private static IEnumerable<ChunkFolder> Finished(IFiles files, ResultPaths paths, SettingPlan plan)
    {
        ManifestRecord? there = Results.TryManifest(files, paths);
        if (there is not null && there.Identity != plan.Identity)
        {
            throw new HesseException(
                ExitCode.OutputBusy,
                $"{paths.Root} belongs to another experiment: identity {there.Identity} there, {plan.Identity} here; "
                    + "choose another name or --out"
            );
        }

        foreach (string name in files.Folders(paths.Chunks))
        {
            if (
                Results.TryChunk(files, Path.Combine(paths.Chunks, name)) is { } chunk
                && chunk.Record.Identity == plan.Identity
                && plan.Observed.All(chunk.Holds)
            )
            {
                yield return chunk;
            }
        }
    }
}
