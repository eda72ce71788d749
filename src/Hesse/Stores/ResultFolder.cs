using System.Text;
using Hesse.Planning;

namespace Hesse.Stores;

/// <summary>A chunk that has to be computed, wholly or for some observations.</summary>
/// <param name="Range">Its replicas.</param>
/// <param name="Observed">Numbers of the observations that are missing, ascending.</param>
/// <param name="Existing">The chunk that keeps its other files, or null.</param>
internal sealed record ChunkWork(ReplicaRange Range, IReadOnlyList<int> Observed, ChunkFolder? Existing);

/// <summary>The result folder of one setting, opened for writing by this process: locked, recovered, of the right identity.</summary>
internal sealed class ResultFolder : IDisposable
{
    private readonly IFiles _files;
    private readonly OwnerLock _lock;
    private readonly FolderOptions _options;
    private readonly RunLog _log;
    private readonly FailedChunks _failed;

    private ResultFolder(
        IFiles files,
        ResultPaths paths,
        OwnerLock owner,
        ManifestRecord manifest,
        FolderOptions options
    )
    {
        _files = files;
        _lock = owner;
        _options = options;
        _log = new RunLog(files, paths, options.Clock);
        _failed = new FailedChunks(files, paths);
        Paths = paths;
        Manifest = manifest;
    }

    /// <summary>The disk.</summary>
    public IFiles Files => _files;

    /// <summary>Where everything lies.</summary>
    public ResultPaths Paths { get; }

    /// <summary>What is asked for, and once complete which files answer it.</summary>
    public ManifestRecord Manifest { get; private set; }

    /// <summary>The whole chunks at the last look, ascending.</summary>
    public IReadOnlyList<ChunkFolder> Chunks { get; private set; } = [];

    /// <summary>Where a chunk in work is saved.</summary>
    public CheckpointStore CheckpointsOf(ReplicaRange chunk) => new(_files, Paths, chunk);

    /// <summary>Chunks that are left out because a device failed with them again and again, one line each.</summary>
    public List<string> GivenUp { get; } = [];

    /// <summary>What recovery threw away, one line each.</summary>
    public List<string> Repairs { get; } = [];

    /// <summary>What the user may not have meant, one line each.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Opens or creates the folder.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="paths">Where.</param>
    /// <param name="wanted">What is asked for.</param>
    /// <param name="spec">The resolved specification, canonical JSON.</param>
    /// <param name="options">How.</param>
    /// <exception cref="HesseException">73: busy, or the folder belongs to another experiment or backend.</exception>
    public static ResultFolder Open(
        IFiles files,
        ResultPaths paths,
        ManifestRecord wanted,
        string spec,
        FolderOptions options
    )
    {
        RequireFolders(files, paths.Root);
        // Before anything is written: another experiment's folder stays untouched.
        _ = SameExperiment(files, paths, wanted.Identity, options.Repair);
        CreateDurably(files, paths.Root);
        OwnerLock owner = OwnerLock.Take(files, paths, options);
        try
        {
            string? damaged = SameExperiment(files, paths, wanted.Identity, options.Repair);
            CreateDurably(files, paths.Chunks);
            Recovery.Run(files, paths);
            files.CreateFolder(paths.Temporary);
            ResultFolder folder = new(files, paths, owner, wanted, options);
            if (damaged is not null)
            {
                folder.Repairs.Add(damaged);
                files.DeleteFile(paths.Manifest);
            }

            folder.Chunks = folder.TakeStock(options.Repair);
            folder.Describe(wanted, spec);
            return folder;
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    /// <summary>What has to be computed, ascending; with <see cref="FolderOptions.Force"/> everything.</summary>
    public IReadOnlyList<ChunkWork> Missing()
    {
        bool force = _options.Force;
        int[] all = [.. Enumerable.Range(0, Manifest.Observed.Count)];
        List<ChunkWork> work = [];
        foreach (ChunkFolder chunk in Chunks.Where(chunk => chunk.Range.First < Manifest.Replicas))
        {
            int[] missing = force ? all : [.. all.Where(i => !chunk.Holds(Manifest.Observed[i]))];
            if (force || missing.Length > 0)
            {
                work.Add(new ChunkWork(chunk.Range, missing, force ? null : chunk));
            }
        }

        work.AddRange(
            ReplicaRange
                .Missing(Chunks.Select(chunk => chunk.Range), Manifest.Replicas)
                .Select(range => new ChunkWork(range, all, Existing: null))
        );
        return [.. work.OrderBy(item => item.Range.First)];
    }

    /// <summary>Begins a chunk.</summary>
    public ChunkWriter Begin(ChunkWork work, IReadOnlyList<ArrayLayout> layouts) =>
        new(_files, Paths, work.Range, layouts, work.Existing);

    /// <summary>What the chunk that is to be completed knows of diverged replicas; -1 where nothing. (count)</summary>
    public long[] KnownBadSteps(ChunkWork work)
    {
        if (work.Existing is not null)
        {
            return work.Existing.ReadFirstBadSteps(_files);
        }

        long[] none = new long[work.Range.Count];
        Array.Fill(none, -1);
        return none;
    }

    /// <summary>The chunks of these that are to be tried: without those that a device has failed with too often.</summary>
    public IReadOnlyList<ChunkWork> WithoutGivenUp(IReadOnlyList<ChunkWork> work)
    {
        List<ChunkWork> tried = [];
        foreach (ChunkWork item in work)
        {
            if (_options.RetryFailed || _options.Force)
            {
                _failed.Forget(item.Range);
            }

            if (_failed.IsGivenUp(item.Range))
            {
                GivenUp.Add(
                    $"{Paths.Root}: replicas {item.Range.First} .. {item.Range.End - 1} are left out: the device failed "
                        + $"{FailedChunks.MostTries} times, at last: {_failed.Find(item.Range)!.Message}; --retry-failed tries again"
                );
            }
            else
            {
                tried.Add(item);
            }
        }

        return tried;
    }

    /// <summary>Whether a device has failed with a chunk before.</summary>
    public bool HasFailed(ReplicaRange range) => _failed.Find(range) is not null;

    /// <summary>Records that a device failed with a chunk.</summary>
    public void Failed(ReplicaRange range, string message)
    {
        _failed.Add(range, message);
        Log("chunk-failed", $"{range.FolderName}: {message}");
    }

    /// <summary>Records that a chunk was committed.</summary>
    public void Committed(ReplicaRange range)
    {
        _failed.Forget(range);
        Log("chunk", range.FolderName);
    }

    /// <summary>Adds a line to log.jsonl.</summary>
    /// <exception cref="HesseException">74: the owner's record could not be kept up.</exception>
    public void Log(string what, string detail)
    {
        _lock.RequireBeat();
        _log.Add(what, detail);
    }

    /// <summary>Looks at the chunks again: there may be new ones.</summary>
    public void Look() => Chunks = TakeStock(everyByte: false);

    /// <summary>Looks at the chunks again, merges them and writes the tables.</summary>
    /// <param name="threads">Threads for the statistics.</param>
    /// <param name="again">Even when every file seems to be there.</param>
    /// <param name="stop">Gives up; the next call does it.</param>
    /// <exception cref="HesseException">65: a chunk is missing or damaged.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Complete(int threads, bool again = false, CancellationToken stop = default)
    {
        Look();
        bool intact = _options.Repair
            ? Completion.IsSound(_files, Paths, Manifest, stop)
            : Completion.IsIntact(_files, Paths, Manifest);
        if (!again && intact)
        {
            return;
        }

        if (Manifest.Complete)
        {
            Repairs.Add($"{Paths.Arrays}: a file was missing or damaged");
        }

        Manifest = Completion.Run(_files, Paths, Chunks, Manifest, threads, stop);
        _files.DeleteFolder(Paths.AllCheckpoints);
        Log("complete", $"{Manifest.Replicas} replicas");
    }

    /// <summary>Deletes what an abandoned or failed chunk or merge left, and gives the folder back.</summary>
    public void Dispose()
    {
        try
        {
            Recovery.Run(_files, Paths);
        }
        finally
        {
            _lock.Dispose();
        }
    }

    /// <summary>Creates a folder whose entry, and those of its new parents, are on the disk when it returns.</summary>
    private static void CreateDurably(IFiles files, string path)
    {
        if (files.FolderExists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { } parent)
        {
            CreateDurably(files, parent);
            files.CreateFolder(path);
            files.SyncFolder(parent);
        }
    }

    private static void RequireFolders(IFiles files, string root)
    {
        for (string? path = root; path is not null; path = Path.GetDirectoryName(path))
        {
            if (files.FileExists(path))
            {
                throw new HesseException(ExitCode.InputOutput, $"{path} is a file, not a folder");
            }
        }
    }

    /// <summary>Refuses another experiment's folder; tells of a damaged manifest when it will be written again.</summary>
    private static string? SameExperiment(IFiles files, ResultPaths paths, string identity, bool repair)
    {
        if (!files.FileExists(paths.Manifest))
        {
            return null;
        }

        string there;
        try
        {
            there = ManifestFile.Read(files, paths).Identity;
        }
        // Every chunk names its experiment too, and that is looked at next.
        catch (HesseException failure) when (repair && failure.Code == ExitCode.BadData)
        {
            return failure.Message;
        }

        return string.Equals(there, identity, StringComparison.Ordinal)
            ? null
            : throw new HesseException(
                ExitCode.OutputBusy,
                $"{paths.Root} belongs to another experiment: identity {there} there, {identity} here; choose another name or --out"
            );
    }

    /// <summary>The whole chunks; broken ones are deleted, since they are computed again.</summary>
    private List<ChunkFolder> TakeStock(bool everyByte)
    {
        List<ChunkFolder> chunks = [];
        foreach (string name in _files.Folders(Paths.Chunks))
        {
            string path = Path.Combine(Paths.Chunks, name);
            try
            {
                ChunkFolder chunk = ChunkFolder.Read(_files, path);
                if (everyByte)
                {
                    chunk.RequireSound(_files);
                }

                chunks.Add(chunk);
            }
            catch (HesseException failure) when (failure.Code == ExitCode.BadData && ReplicaRange.TryParse(name, out _))
            {
                Repairs.Add(failure.Message);
                Log("chunk-broken", name);
                string aside = Path.Combine(Paths.Temporary, "broken-" + name);
                _files.MoveFolder(path, aside);
                _files.DeleteFolder(aside);
            }
        }

        Coverage.RequireOneExperiment(chunks, Manifest.Identity);
        Coverage.RequireNoOverlap(chunks);
        return chunks;
    }

    private void Describe(ManifestRecord wanted, string spec)
    {
        bool force = _options.Force;
        if (!force)
        {
            Coverage.RequireOneOrigin(Chunks, wanted);
        }

        if (!force && _files.FileExists(Paths.Manifest))
        {
            ManifestRecord there = ManifestFile.Read(_files, Paths);
            if (Completion.Answers(there, wanted) && Missing().Count == 0 && Completion.HasSpec(_files, Paths, there))
            {
                Manifest = there;
                return;
            }
        }

        if (!force)
        {
            Warnings.AddRange(
                Coverage
                    .Unused(Chunks, wanted)
                    .Select(less => $"{Paths.Root}: arrays and tables will hold {less}; the chunks stay")
            );
        }

        string temporary = Path.Combine(Paths.Temporary, "spec.json");
        using (Stream file = _files.Create(temporary))
        {
            file.Write(Encoding.UTF8.GetBytes(spec));
            _files.Sync(file);
        }

        _files.MoveFile(temporary, Paths.Spec);
        // Whoever asks may have read a finished manifest: what it names is to be merged again.
        Manifest = wanted with
        {
            Complete = false,
            Diverged = null,
            Arrays = [],
            Files = [],
        };
        ManifestFile.Write(_files, Paths, Manifest);
    }
}
