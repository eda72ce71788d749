namespace Hesse.Stores;

/// <summary>Something wrong with a stored result.</summary>
/// <param name="File">Which file or chunk.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record Finding(string File, string Problem);

/// <summary>What a verification saw.</summary>
/// <param name="Files">Number of files whose bytes were read.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Findings">Every fault; none for a sound result.</param>
public sealed record VerificationReport(int Files, long Bytes, IReadOnlyList<Finding> Findings);

/// <summary>Reads every byte of a stored result and holds it against its checksums.</summary>
internal static class Verification
{
    /// <summary>Verifies one setting's folder; nothing is changed.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static VerificationReport Run(IFiles files, ResultPaths paths, CancellationToken stop = default)
    {
        List<Finding> findings = [];
        int count = 0;
        long bytes = 0;
        ManifestRecord? manifest = Try(findings, paths.Manifest, () => ManifestFile.Read(files, paths));
        List<ChunkFolder> chunks = [];
        foreach (string name in files.Folders(paths.Chunks))
        {
            stop.ThrowIfCancellationRequested();
            string path = Path.Combine(paths.Chunks, name);
            ChunkFolder? chunk = Try(findings, path, () => ChunkFolder.Read(files, path));
            if (chunk is null)
            {
                continue;
            }

            chunks.Add(chunk);
            foreach (ArrayRecord file in chunk.Record.Files)
            {
                string array = Path.Combine(path, file.File);
                Check(array, file.Bytes, file.Crc32C, file.Sha256);
                _ = Try(findings, array, () => ReadHeader(array, file));
            }

            string[] known = [ChunkFolder.RecordFile, .. chunk.Record.Files.Select(file => file.File)];
            findings.AddRange(
                files
                    .Files(path)
                    .Except(known, StringComparer.Ordinal)
                    .Select(extra => new Finding(
                        Path.Combine(path, extra),
                        $"is not named in {ChunkFolder.RecordFile}"
                    ))
            );
        }

        if (manifest is not null)
        {
            _ = Try(findings, paths.Chunks, () => Chunks(manifest));
            if (manifest.Complete)
            {
                foreach ((string path, long length, string crc32C, string sha256) in Completion.Named(paths, manifest))
                {
                    Check(path, length, crc32C, sha256);
                }
            }
        }

        return new VerificationReport(count, bytes, findings);

        void Check(string path, long length, string crc32C, string sha256)
        {
            if (!files.FileExists(path))
            {
                findings.Add(new Finding(path, "is missing"));
                return;
            }

            (long Bytes, string Crc32C, string Sha256) sums = ChecksumStream.OfFile(files, path, stop);
            count++;
            bytes += sums.Bytes;
            if (sums != (length, crc32C, sha256))
            {
                findings.Add(
                    new Finding(
                        path,
                        sums.Bytes == length
                            ? "is damaged: its checksum does not fit"
                            : $"has {sums.Bytes} bytes instead of {length}"
                    )
                );
            }
        }

        object ReadHeader(string path, ArrayRecord record)
        {
            using Stream stream = files.Open(path);
            NpyHeader header = NpyHeader.Read(stream, path);
            return
                header.Shape.SequenceEqual(record.Shape)
                && string.Equals(NpyHeader.Describe(header.Type), record.DType, StringComparison.Ordinal)
                ? header
                : throw new HesseException(
                    ExitCode.BadData,
                    $"{path} has another shape than {ChunkFolder.RecordFile} says"
                );
        }

        object Chunks(ManifestRecord described)
        {
            Coverage.RequireOneExperiment(chunks, described.Identity);
            Coverage.RequireNoOverlap(chunks);
            int done = Coverage.Done(chunks, described.Observed, described.Replicas);
            return !described.Complete || done == described.Replicas
                ? described
                : throw new HesseException(
                    ExitCode.BadData,
                    $"{paths.Chunks} holds {done} of {described.Replicas} replicas, although the manifest says that all are there"
                );
        }
    }

    private static T? Try<T>(List<Finding> findings, string path, Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        // A damaged or missing record is what a verification looks for.
        catch (HesseException failure)
        {
            findings.Add(new Finding(path, failure.Message));
            return null;
        }
    }
}
