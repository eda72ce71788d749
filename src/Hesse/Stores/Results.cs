using System.Text;
using Hesse.Planning;

namespace Hesse.Stores;

/// <summary>How far one setting of a stored experiment has come.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Name">Name of the experiment.</param>
/// <param name="Slug">Name of the setting; empty without a sweep.</param>
/// <param name="Replicas">Replicas asked for.</param>
/// <param name="Done">Replicas with every observation.</param>
/// <param name="Complete">Whether every replica is done, and merged arrays and tables were written.</param>
/// <param name="Diverged">Diverged replicas, once complete.</param>
/// <param name="Backend">What computes it.</param>
/// <param name="Identity">SHA-256 of what determines its numbers.</param>
/// <param name="Broken">Chunks that cannot be used, one line each.</param>
/// <param name="Owners">Processes that work here, or died here.</param>
public sealed record ResultStatus(
    string Folder,
    string Name,
    string Slug,
    int Replicas,
    int Done,
    bool Complete,
    int? Diverged,
    string Backend,
    string Identity,
    IReadOnlyList<string> Broken,
    IReadOnlyList<ResultOwner> Owners
);

/// <summary>A process that works on a result, or died while it did.</summary>
/// <param name="Record">Who.</param>
/// <param name="State">working, silent (on another machine, no recent sign of life) or gone.</param>
/// <param name="Silence">Time since its last sign of life.</param>
public sealed record ResultOwner(OwnerRecord Record, string State, TimeSpan Silence);

/// <summary>What can be done with a stored result without training anything.</summary>
public static class Results
{
    private static readonly DiskFiles Files = DiskFiles.Instance;

    /// <summary>The settings' folders below an --out folder, a run's folder, or a setting's folder itself.</summary>
    /// <exception cref="HesseException">66: there is no result.</exception>
    public static IReadOnlyList<string> Find(string folder)
    {
        if (Files.FileExists(folder))
        {
            throw new HesseException(ExitCode.InputMissing, $"{folder} is a file, not a folder");
        }

        if (!Files.FolderExists(folder))
        {
            throw new HesseException(ExitCode.InputMissing, $"{folder}: there is no such folder");
        }

        List<string> found = [];
        Collect(Path.GetFullPath(folder), depth: 2, found);
        return found.Count > 0
            ? found
            : throw new HesseException(ExitCode.InputMissing, $"{folder} holds no results: there is no manifest.json");
    }

    /// <summary>How far a setting has come.</summary>
    public static ResultStatus Status(string folder)
    {
        ResultPaths paths = new(folder, Shard.Whole);
        ManifestRecord manifest = ManifestFile.Read(Files, paths);
        List<ChunkFolder> chunks = [];
        List<string> broken = [];
        foreach (string name in Files.Folders(paths.Chunks))
        {
            try
            {
                chunks.Add(ChunkFolder.Read(Files, Path.Combine(paths.Chunks, name)));
            }
            // A status reports what is broken; it does not stop at it.
            catch (HesseException failure)
            {
                broken.Add(failure.Message);
            }
        }

        int done = Coverage.Done(chunks, manifest.Observed, manifest.Replicas);
        return new ResultStatus(
            folder,
            manifest.Name,
            manifest.Slug,
            manifest.Replicas,
            done,
            manifest.Complete && done == manifest.Replicas,
            manifest.Diverged,
            manifest.Backend,
            manifest.Identity,
            broken,
            Owners(Files, paths)
        );
    }

    /// <summary>Reads every byte and reports what does not fit its checksums.</summary>
    /// <param name="folder">The setting's folder.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static VerificationReport Verify(string folder, CancellationToken stop = default) =>
        Guarded(folder, () => Verification.Run(Files, new ResultPaths(folder, Shard.Whole), stop));

    /// <summary>Joins the chunks of a setting, writes its tables and marks it complete.</summary>
    /// <param name="folder">The setting's folder.</param>
    /// <param name="threads">Threads for the statistics.</param>
    /// <param name="breakLock">A process on another machine that left the folder locked is known to have ended.</param>
    /// <param name="stop">Gives up; what is there is whole, and the same call begins again.</param>
    /// <returns>False when all of that had been done before and every byte is as it was written.</returns>
    /// <exception cref="HesseException">65: chunks are missing or damaged; 73: busy.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static bool Merge(string folder, int threads, bool breakLock = false, CancellationToken stop = default) =>
        Guarded(
            folder,
            () =>
            {
                ResultPaths paths = new(folder, Shard.Whole);
                ManifestRecord manifest = ManifestFile.Read(Files, paths);
                if (Completion.IsSound(Files, paths, manifest, stop))
                {
                    return false;
                }

                if (!Completion.HasSpec(Files, paths, manifest))
                {
                    throw new HesseException(
                        ExitCode.BadData,
                        $"{paths.Spec} is missing or damaged; run the experiment again to write it"
                    );
                }

                using ResultFolder result = ResultFolder.Open(
                    Files,
                    paths,
                    manifest,
                    Text(paths.Spec),
                    new FolderOptions { BreakLock = breakLock }
                );
                result.Complete(threads, again: true, stop);
                return true;
            }
        );

    /// <summary>The lines of summary.csv below its header, and the header.</summary>
    /// <exception cref="HesseException">65: the result is not complete.</exception>
    public static (IReadOnlyList<string> Header, IEnumerable<string[]> Rows) Summary(string folder)
    {
        ResultPaths paths = new(folder, Shard.Whole);
        if (!ManifestFile.Read(Files, paths).Complete || !Files.FileExists(paths.Summary))
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{folder} is not complete yet; finish the run, or join its shards with hesse merge"
            );
        }

        // No cell of the table holds a comma: names and numbers only.
        IEnumerable<string> lines = File.ReadLines(paths.Summary);
        return (lines.First().Split(','), lines.Skip(1).Select(line => line.Split(',')));
    }

    /// <summary>The processes that work on a setting, or died while they did.</summary>
    internal static IReadOnlyList<ResultOwner> Owners(IFiles files, ResultPaths paths) =>
        [.. OwnerLock.Owners(files, paths).Select(Owner)];

    /// <summary>The manifest of a setting that has one; a damaged one counts as none, since a run writes it again.</summary>
    internal static ManifestRecord? TryManifest(IFiles files, ResultPaths paths)
    {
        try
        {
            return files.FileExists(paths.Manifest) ? ManifestFile.Read(files, paths) : null;
        }
        catch (HesseException failure) when (failure.Code == ExitCode.BadData)
        {
            return null;
        }
    }

    /// <summary>A chunk that is whole, as far as its description and the lengths of its files tell; else null.</summary>
    internal static ChunkFolder? TryChunk(IFiles files, string path)
    {
        try
        {
            return ChunkFolder.Read(files, path);
        }
        catch (HesseException failure) when (failure.Code == ExitCode.BadData)
        {
            return null;
        }
    }

    private static ResultOwner Owner(OwnerRecord record)
    {
        TimeSpan silence = DateTimeOffset.UtcNow - record.Beat;
        string state = record.Exists() switch
        {
            true => "working",
            false => "gone",
            // Clocks of machines differ a little.
            null => silence.Duration() < TimeSpan.FromSeconds(3 * OwnerLock.BeatSeconds) ? "working" : "silent",
        };
        return new ResultOwner(record, state, silence);
    }

    private static void Collect(string folder, int depth, List<string> found)
    {
        if (Files.FileExists(new ResultPaths(folder, Shard.Whole).Manifest))
        {
            found.Add(folder);
        }
        else if (depth > 0)
        {
            foreach (string name in Files.Folders(folder))
            {
                Collect(Path.Combine(folder, name), depth - 1, found);
            }
        }
    }

    private static string Text(string path)
    {
        using StreamReader reader = new(Files.Open(path), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    internal static T Guarded<T>(string folder, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception failure) when (StoreFailure.Is(failure))
        {
            throw StoreFailure.Translate(failure, folder);
        }
    }
}
