using Hesse.Planning;

namespace Hesse.Stores;

/// <summary>
/// Joins the chunks' files into arrays/&lt;quantity&gt;.npy with all replicas. Bytes are streamed and checked against the
/// chunks' checksums on the way, so memory stays small however many replicas there are.
/// </summary>
internal static class Merge
{
    /// <summary>Merges every observed quantity and publishes the arrays.</summary>
    /// <returns>The merged arrays, in the order of the observations; the time axes follow as files.</returns>
    /// <exception cref="HesseException">65: a chunk is missing, damaged, or does not fit the others.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing is published.</exception>
    public static (IReadOnlyList<ArrayRecord> Arrays, IReadOnlyList<FileRecord> Times) Run(
        IFiles files,
        ResultPaths paths,
        IReadOnlyList<ChunkFolder> chunks,
        ManifestRecord manifest,
        CancellationToken stop
    )
    {
        ReplicaRange[] missing = [.. ReplicaRange.Missing(chunks.Select(chunk => chunk.Range), manifest.Replicas)];
        if (missing.Length > 0)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{paths.Chunks} lacks replicas {missing[0].First} .. {missing[0].End - 1}; run the experiment again to compute them"
            );
        }

        ChunkFolder[] used = [.. chunks.Where(chunk => chunk.Range.First < manifest.Replicas)];
        string folder = Path.Combine(paths.Temporary, "arrays");
        files.DeleteFolder(folder);
        files.CreateFolder(folder);
        List<ArrayRecord> arrays = [];
        List<FileRecord> times = [];
        foreach (ObservedRecord observed in manifest.Observed)
        {
            foreach (ArrayRecord first in used[0].Record.Files.Where(observed.Matches))
            {
                arrays.Add(Join(files, folder, used, ArrayLayout.Of(first), manifest.Replicas, stop));
            }

            if (!arrays.Exists(array => string.Equals(array.Quantity, observed.Quantity, StringComparison.Ordinal)))
            {
                throw new HesseException(
                    ExitCode.BadData,
                    $"{used[0].Path} lacks {observed.Quantity} at the steps asked for"
                );
            }

            times.Add(WriteTimes(files, folder, observed));
        }

        Publish(files, paths, folder);
        return (arrays, times);
    }

    private static ArrayRecord Join(
        IFiles files,
        string folder,
        ChunkFolder[] chunks,
        ArrayLayout layout,
        int replicas,
        CancellationToken stop
    )
    {
        using ArrayWriter writer = new(files, Path.Combine(folder, layout.FileName), layout, replicas);
        byte[] buffer = new byte[1 << 20];
        foreach (ChunkFolder chunk in chunks)
        {
            string path = Path.Combine(chunk.Path, layout.FileName);
            ArrayRecord? record = chunk.Record.Files.FirstOrDefault(file => layout.Fits(ArrayLayout.Of(file)));
            if (record is null)
            {
                throw new HesseException(ExitCode.BadData, $"{path} does not fit the other chunks");
            }

            using Stream source = files.Open(path);
            NpyHeader header = NpyHeader.Read(source, path);
            if (!header.Shape.SequenceEqual(record.Shape) || header.Type != layout.Type)
            {
                throw new HesseException(
                    ExitCode.BadData,
                    $"{path} has another shape than chunk.json says; {chunk.Remedy}"
                );
            }

            Crc32C checksum = default;
            checksum.Append(NpyHeader.ToBytes(header.Type, header.Shape));
            // When fewer replicas are asked for than a chunk holds, its last rows are read for the checksum only.
            long wanted =
                (Math.Min(chunk.Range.End, replicas) - chunk.Range.First) * layout.RowLength * header.ElementSize;
            for (int read = source.Read(buffer); read > 0; read = source.Read(buffer))
            {
                stop.ThrowIfCancellationRequested();
                checksum.Append(buffer.AsSpan(0, read));
                writer.AppendBytes(buffer.AsSpan(0, (int)Math.Min(read, wanted)));
                wanted -= Math.Min(read, wanted);
            }

            if (!string.Equals(checksum.Hex, record.Crc32C, StringComparison.Ordinal))
            {
                throw new HesseException(
                    ExitCode.BadData,
                    $"{path} is damaged: its checksum does not fit; {chunk.Remedy}"
                );
            }
        }

        return writer.Finish();
    }

    private static FileRecord WriteTimes(IFiles files, string folder, ObservedRecord observed)
    {
        string name = $"{observed.Quantity}.steps.npy";
        ArrayLayout layout = new()
        {
            Quantity = observed.Quantity,
            Type = NpyType.Int64,
            Options = observed.Options,
        };
        using ArrayWriter writer = new(files, Path.Combine(folder, name), layout, observed.Times.Count);
        writer.Append<int>([.. observed.Times]);
        ArrayRecord written = writer.Finish();
        return new FileRecord($"arrays/{name}", written.Bytes, written.Crc32C, written.Sha256);
    }

    private static void Publish(IFiles files, ResultPaths paths, string folder)
    {
        files.CreateFolder(paths.Arrays);
        IReadOnlyList<string> merged = files.Files(folder);
        foreach (string name in files.Files(paths.Arrays).Except(merged, StringComparer.Ordinal))
        {
            // A quantity that is no longer observed: its chunks stay, but its merged array would go out of date.
            files.DeleteFile(Path.Combine(paths.Arrays, name));
        }

        foreach (string name in merged)
        {
            files.MoveFile(Path.Combine(folder, name), Path.Combine(paths.Arrays, name));
        }

        files.SyncFolder(paths.Arrays);
        files.DeleteFolder(folder);
    }
}
