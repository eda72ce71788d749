using System.IO.Compression;
using Hesse.Planning;
using Hesse.Statistics;

namespace Hesse.Stores;

/// <summary>Copies of a finished result for other programs.</summary>
public static class Export
{
    private const int RowsAtOnce = 64;
    private static readonly DiskFiles Files = DiskFiles.Instance;

    // Zip knows no dates before 1980. One fixed date: the same result gives the same bytes.
    private static readonly DateTimeOffset Date = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One export.npz beside the arrays with every array and its steps; numpy.load reads it.</summary>
    /// <param name="folder">The setting's folder.</param>
    /// <param name="stop">Gives up; an export that was there before stays.</param>
    /// <returns>The file.</returns>
    /// <exception cref="HesseException">65: the result is not complete, or damaged.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static string ToNpz(string folder, CancellationToken stop = default) =>
        Results.Guarded(folder, () => WriteNpz(folder, stop));

    /// <summary>One export/&lt;quantity&gt;.csv for each array: replica, step, index (flat, C order), value.</summary>
    /// <param name="folder">The setting's folder.</param>
    /// <param name="stop">Gives up; every file that is there is whole.</param>
    /// <returns>The files.</returns>
    /// <exception cref="HesseException">65: the result is not complete, or damaged.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<string> ToCsv(string folder, CancellationToken stop = default) =>
        Results.Guarded(folder, () => WriteCsv(folder, stop));

    private static string WriteNpz(string folder, CancellationToken stop)
    {
        ResultPaths paths = Complete(folder, stop, out ManifestRecord manifest);
        string target = Path.Combine(folder, "export.npz");
        PartFile.Publish(
            Files,
            target,
            temporary =>
            {
                using Stream file = Files.Create(temporary);
                using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true))
                {
                    IEnumerable<string> arrays = manifest.Arrays.Select(array => array.File);
                    foreach (string name in arrays.Concat(manifest.Observed.Select(one => $"{one.Quantity}.steps.npy")))
                    {
                        ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
                        entry.LastWriteTime = Date;
                        using Stream to = entry.Open();
                        Copy(Path.Combine(paths.Arrays, name), to, stop);
                    }
                }

                Files.Sync(file);
            }
        );
        return target;
    }

    private static List<string> WriteCsv(string folder, CancellationToken stop)
    {
        ResultPaths paths = Complete(folder, stop, out ManifestRecord manifest);
        string target = Path.Combine(folder, "export");
        Files.CreateFolder(target);
        List<string> written = [];
        foreach (ArrayRecord array in manifest.Arrays)
        {
            string path = Path.Combine(target, Path.ChangeExtension(array.File, ".csv"));
            PartFile.Publish(
                Files,
                path,
                temporary =>
                {
                    using CsvFile table = new(Files, temporary);
                    Write(table, Path.Combine(paths.Arrays, array.File), ArrayLayout.Of(array), stop);
                    table.Finish(array.File);
                }
            );
            written.Add(path);
        }

        return written;
    }

    private static void Copy(string path, Stream to, CancellationToken stop)
    {
        using Stream from = Files.Open(path);
        byte[] buffer = new byte[1 << 20];
        for (int read; (read = from.Read(buffer)) > 0; )
        {
            stop.ThrowIfCancellationRequested();
            to.Write(buffer, 0, read);
        }
    }

    private static void Write(CsvFile table, string path, ArrayLayout layout, CancellationToken stop)
    {
        table.Add("replica").Add("step").Add("index").Add("value").EndLine();
        using ArrayReader reader = new(Files, path);
        int width = checked((int)reader.Columns);
        int rows = Math.Clamp((1 << 22) / Math.Max(1, width), 1, RowsAtOnce);
        double[] block = new double[(long)rows * width];
        for (int first = 0; first < reader.Rows; first += rows)
        {
            stop.ThrowIfCancellationRequested();
            int taken = Math.Min(rows, reader.Rows - first);
            reader.ReadRows(first, taken, 0, width, block);
            for (int i = 0; i < taken * width; i++)
            {
                (int row, int column) = Math.DivRem(i, width);
                (long time, long index) = Math.DivRem(column, layout.ElementCount);
                table.Add((long)first + row).Add((long)layout.Times[(int)time]).Add(index).Add(block[i]).EndLine();
            }
        }
    }

    private static ResultPaths Complete(string folder, CancellationToken stop, out ManifestRecord manifest)
    {
        ResultPaths paths = new(folder, Shard.Whole);
        manifest = ManifestFile.Read(Files, paths);
        if (!Completion.IsIntact(Files, paths, manifest))
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{folder} is not complete yet; finish the run, or join its shards with hesse merge"
            );
        }

        return Completion.IsSound(Files, paths, manifest, stop)
            ? paths
            : throw new HesseException(
                ExitCode.BadData,
                $"{folder} is damaged: hesse verify names the file, hesse merge writes it again from the chunks"
            );
    }
}
