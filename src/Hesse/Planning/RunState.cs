using Hesse.Backends;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>What a run carries from setting to setting: its means, its clock and its tally.</summary>
internal sealed class RunState
{
    private readonly Plan _plan;
    private readonly IProgress<RunProgress>? _progress;
    private readonly List<string> _folders = [];
    private readonly List<string> _allDiverged = [];
    private readonly List<string> _repairs = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _givenUp = [];
    private readonly long _total;
    private long _done;
    private long _computed;
    private long _diverged;
    private bool _unmerged; // a setting has no arrays yet

    public RunState(
        Plan plan,
        RunOptions options,
        IBackend backend,
        IProgress<RunProgress>? progress,
        CancellationToken stop
    )
    {
        _plan = plan;
        _progress = progress;
        _total = (long)plan.Replicas * plan.Settings.Count;
        Options = options;
        Backend = backend;
        Stop = stop;
    }

    /// <summary>How the run is carried out.</summary>
    public RunOptions Options { get; }

    /// <summary>What computes.</summary>
    public IBackend Backend { get; }

    /// <summary>Whether the run is to end early.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Whether the run is ending early.</summary>
    public bool Stopped => Stop.IsCancellationRequested;

    /// <summary>Replicas that were computed again to check them.</summary>
    public int Audited { get; set; }

    /// <summary>Stored numbers that came out differently, one line each.</summary>
    public List<string> AuditFindings { get; } = [];

    /// <summary>Where the time goes.</summary>
    public StageTimes Times { get; } = new();

    /// <summary>The folder of a setting: DIR/name/, or DIR/name/slug/ in a sweep.</summary>
    public ResultPaths PathsOf(SettingPlan plan) =>
        new(Path.GetFullPath(Path.Combine(Options.Output, plan.Setting.Spec.Name, plan.Setting.Slug)), Options.Shard);

    /// <summary>The missing chunks that are this process's to compute, without those that no device could.</summary>
    public IReadOnlyList<ChunkWork> ShareOf(SettingPlan plan, ResultFolder folder)
    {
        return folder.WithoutGivenUp([.. folder.Missing().Where(work => Owns(plan, work.Range))]);
    }

    /// <summary>Whether replicas of a setting are this process's.</summary>
    public bool Owns(SettingPlan plan, ReplicaRange range)
    {
        int blocks = ((_plan.Replicas - 1) / ReplicaRange.BlockSize) + 1;
        return Options.Shard.Owns(plan.Index, blocks, range.Block);
    }

    /// <summary>Counts what is there.</summary>
    public void Begin(SettingPlan plan, ResultFolder folder, IReadOnlyList<ChunkWork> missing)
    {
        _folders.Add(folder.Paths.Root);
        _givenUp.AddRange(folder.GivenUp);
        _warnings.AddRange(folder.Warnings);
        HashSet<ReplicaRange> again = [.. missing.Select(work => work.Range)];
        ChunkFolder[] staying = [.. folder.Chunks.Where(chunk => !again.Contains(chunk.Range))];
        _done += Coverage.Done(staying, folder.Manifest.Observed, _plan.Replicas);
        Tell(plan, _done);
    }

    /// <summary>Tells that a wave has come so far.</summary>
    /// <param name="wave">The wave; replicas of its chunks from earlier waves count although the chunks are not committed yet.</param>
    /// <param name="share">Its finished share.</param>
    public void Advanced(IReadOnlyList<WavePart> wave, double share) =>
        Tell(
            wave[0].Chunk.Plan,
            _done + wave.Sum(part => part.Range.First - part.Chunk.Work.Range.First + (part.Range.Count * share))
        );

    /// <summary>Counts a chunk.</summary>
    public void Committed(SettingPlan plan, ChunkWork work)
    {
        _done += Counted(work.Range);
        _computed += work.Range.Count;
        Tell(plan, _done);
    }

    /// <summary>Counts what lies in the folder of a setting that is not opened any more.</summary>
    public void Count(SettingPlan plan)
    {
        ResultPaths paths = PathsOf(plan);
        ManifestRecord? there = Results.TryManifest(Options.Files, paths);
        bool usable = !Options.Force && string.Equals(there?.Identity, plan.Identity, StringComparison.Ordinal);
        _unmerged |= Options.Shard.Count == 1 && !(usable && there!.Complete);
        if (usable)
        {
            _folders.Add(paths.Root);
            ChunkFolder[] chunks =
            [
                .. Options
                    .Files.Folders(paths.Chunks)
                    .Select(name => Results.TryChunk(Options.Files, Path.Combine(paths.Chunks, name)))
                    .OfType<ChunkFolder>(),
            ];
            _done += Coverage.Done(chunks, plan.Observed, _plan.Replicas);
        }
    }

    /// <summary>Counts a setting.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="stoppedThere">Whether it was being merged when the run was stopped.</param>
    public void End(ResultFolder folder, bool stoppedThere)
    {
        _repairs.AddRange(folder.Repairs);
        _unmerged |= stoppedThere || (Options.Shard.Count == 1 && !folder.Manifest.Complete);
        if (!folder.Manifest.Complete || folder.Manifest.Diverged is not { } diverged)
        {
            return;
        }

        _diverged += diverged;
        if (diverged == folder.Manifest.Replicas)
        {
            _allDiverged.Add(folder.Paths.Root);
        }
    }

    /// <summary>The tally.</summary>
    public RunReport Report() =>
        new()
        {
            Stopped = Stopped && (_done < _total || _unmerged),
            Done = _done,
            Total = _total,
            Computed = _computed,
            Diverged = _diverged,
            AllDiverged = _allDiverged,
            Folders = _folders,
            Repairs = _repairs,
            GivenUp = _givenUp,
            Audited = Audited,
            AuditFindings = AuditFindings,
            Warnings = _warnings,
            Stages = Times.Seconds,
        };

    private int Counted(ReplicaRange range) => Math.Max(0, Math.Min(range.End, _plan.Replicas) - range.First);

    private void Tell(SettingPlan plan, double done) =>
        _progress?.Report(new RunProgress(plan.Setting.Slug, Math.Min(done, _total), _total));
}
