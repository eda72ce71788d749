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
    /// <returns>The file.</returns>
    /// <exception cref="HesseException">65: the result is not complete, or damaged.</exception>
    public static string ToNpz(string folder) => Results.Guarded(folder, () => WriteNpz(folder));

    /// <summary>One export/&lt;quantity&gt;.csv for each array: replica, step, index (flat, C order), value.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="HesseException">65: the result is not complete, or damaged.</exception>
    public static IReadOnlyList<string> ToCsv(string folder) => Results.Guarded(folder, () => WriteCsv(folder));

    private static string WriteNpz(string folder)
    {
        ResultPaths paths = Complete(folder, out ManifestRecord manifest);
        string target = Path.Combine(folder, "export.npz");
        string temporary = target + ".part";
        using (Stream file = Files.Create(temporary))
        {
            using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true))
            {
                IEnumerable<string> arrays = manifest.Arrays.Select(array => array.File);
                foreach (string name in arrays.Concat(manifest.Observed.Select(one => $"{one.Quantity}.steps.npy")))
                {
                    ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
                    entry.LastWriteTime = Date;
                    using Stream to = entry.Open();
                    using Stream from = Files.Open(Path.Combine(paths.Arrays, name));
                    from.CopyTo(to, 1 << 20);
                }
            }

            Files.Sync(file);
        }

        Files.MoveFile(temporary, target);
        return target;
    }

    private static List<string> WriteCsv(string folder)
    {
        ResultPaths paths = Complete(folder, out ManifestRecord manifest);
        string target = Path.Combine(folder, "export");
        Files.CreateFolder(target);
        List<string> written = [];
        foreach (ArrayRecord array in manifest.Arrays)
        {
            string path = Path.Combine(target, Path.ChangeExtension(array.File, ".csv"));
            string temporary = path + ".part";
            using (CsvFile table = new(Files, temporary))
            {
                Write(table, Path.Combine(paths.Arrays, array.File), ArrayLayout.Of(array));
                table.Finish(array.File);
            }

            Files.MoveFile(temporary, path);
            written.Add(path);
        }

        return written;
    }

    private static void Write(CsvFile table, string path, ArrayLayout layout)
    {
        table.Add("replica").Add("step").Add("index").Add("value").EndLine();
        using ArrayReader reader = new(Files, path);
        int width = checked((int)reader.Columns);
        int rows = Math.Clamp((1 << 22) / Math.Max(1, width), 1, RowsAtOnce);
        double[] block = new double[(long)rows * width];
        for (int first = 0; first < reader.Rows; first += rows)
        {
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

    private static ResultPaths Complete(string folder, out ManifestRecord manifest)
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

        return Completion.IsSound(Files, paths, manifest)
            ? paths
            : throw new HesseException(
                ExitCode.BadData,
                $"{folder} is damaged: hesse verify names the file, hesse merge writes it again from the chunks"
            );
    }
}
