using Hesse.Statistics;

namespace Hesse.Stores;

/// <summary>Turns a whole set of chunks into arrays, tables and a manifest that says so. Can be done again at any time.</summary>
internal static class Completion
{
    private const string SpecFile = "spec.json";
    private const long CheapBytes = 16 << 20;

    /// <summary>Whether a finished manifest answers what is asked for now.</summary>
    public static bool Answers(ManifestRecord there, ManifestRecord wanted) =>
        there.Complete
        && there.Replicas == wanted.Replicas
        && there.Quantiles.SequenceEqual(wanted.Quantiles)
        && there.Observed.Count == wanted.Observed.Count
        && there.Observed.Zip(wanted.Observed).All(pair => pair.First.IsSame(pair.Second));

    /// <summary>
    /// Whether every file that a finished manifest names is there with its length, and as far as that is cheap with its bytes:
    /// files up to 16 MiB are read.
    /// </summary>
    public static bool IsIntact(IFiles files, ResultPaths paths, ManifestRecord manifest) =>
        HasFiles(files, paths, manifest)
        && Named(paths, manifest)
            .Where(file => file.Bytes <= CheapBytes)
            .All(file => string.Equals(Stores.Crc32C.OfFile(files, file.Path), file.Crc32C, StringComparison.Ordinal));

    /// <summary>Whether the same files also have the bytes that were written. Reads all of them.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static bool IsSound(
        IFiles files,
        ResultPaths paths,
        ManifestRecord manifest,
        CancellationToken stop = default
    ) =>
        HasFiles(files, paths, manifest)
        && Named(paths, manifest)
            .All(file => ChecksumStream.OfFile(files, file.Path, stop) == (file.Bytes, file.Crc32C, file.Sha256));

    /// <summary>Whether spec.json is there, with the bytes that a finished manifest names.</summary>
    public static bool HasSpec(IFiles files, ResultPaths paths, ManifestRecord manifest) =>
        files.FileExists(paths.Spec)
        && manifest
            .Files.Where(file => string.Equals(file.File, SpecFile, StringComparison.Ordinal))
            .All(file => ChecksumStream.OfFile(files, paths.Spec) == (file.Bytes, file.Crc32C, file.Sha256));

    /// <summary>Every merged array, table and other file that a manifest names.</summary>
    public static IEnumerable<(string Path, long Bytes, string Crc32C, string Sha256)> Named(
        ResultPaths paths,
        ManifestRecord manifest
    ) =>
        manifest
            .Arrays.Select(array => (Path.Combine(paths.Arrays, array.File), array.Bytes, array.Crc32C, array.Sha256))
            .Concat(
                manifest.Files.Select(file =>
                    (Path.Combine(paths.Root, file.File), file.Bytes, file.Crc32C, file.Sha256)
                )
            );

    private static bool HasFiles(IFiles files, ResultPaths paths, ManifestRecord manifest) =>
        manifest.Complete
        && Named(paths, manifest).All(file => files.FileExists(file.Path) && files.Length(file.Path) == file.Bytes);

    /// <summary>Merges, summarises and marks the manifest complete.</summary>
    /// <exception cref="HesseException">65: a chunk is missing or damaged.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; the manifest is as it was.</exception>
    public static ManifestRecord Run(
        IFiles files,
        ResultPaths paths,
        IReadOnlyList<ChunkFolder> chunks,
        ManifestRecord manifest,
        int threads,
        CancellationToken stop = default
    )
    {
        (IReadOnlyList<ArrayRecord> arrays, IReadOnlyList<FileRecord> times) = Merge.Run(
            files,
            paths,
            chunks,
            manifest,
            stop
        );
        long[] firstBadSteps = new long[manifest.Replicas];
        foreach (ChunkFolder chunk in chunks.Where(chunk => chunk.Range.First < manifest.Replicas))
        {
            long[] steps = chunk.ReadFirstBadSteps(files);
            steps
                .AsSpan(0, Math.Min(steps.Length, manifest.Replicas - chunk.Range.First))
                .CopyTo(firstBadSteps.AsSpan(chunk.Range.First));
        }

        return Finish(files, paths, manifest with { Arrays = arrays }, times, firstBadSteps, threads, stop);
    }

    private static ManifestRecord Finish(
        IFiles files,
        ResultPaths paths,
        ManifestRecord manifest,
        IReadOnlyList<FileRecord> times,
        long[] firstBadSteps,
        int threads,
        CancellationToken stop
    )
    {
        string summaryPath = Path.Combine(paths.Temporary, "summary.csv");
        string replicasPath = Path.Combine(paths.Temporary, "replicas.csv");
        FileRecord summary = SummaryTable.Write(
            files,
            summaryPath,
            paths.Arrays,
            manifest.Arrays,
            manifest.Quantiles,
            manifest.Seed,
            threads,
            stop
        );
        FileRecord replicas = ReplicaTable.Write(files, replicasPath, paths.Arrays, manifest.Arrays, firstBadSteps);
        files.MoveFile(summaryPath, paths.Summary);
        files.MoveFile(replicasPath, paths.Replicas);
        (long bytes, string crc32C, string sha256) = ChecksumStream.OfFile(files, paths.Spec, stop);
        ManifestRecord complete = manifest with
        {
            Complete = true,
            Diverged = firstBadSteps.Count(step => step >= 0),
            Written = DateTimeOffset.UtcNow,
            Files = [new FileRecord(SpecFile, bytes, crc32C, sha256), summary, replicas, .. times],
        };
        ManifestFile.Write(files, paths, complete);
        return complete;
    }
}
