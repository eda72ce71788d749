using Hesse.Planning;

namespace Hesse.Stores;

/// <summary>A checkpoint that was read back and whose every byte is as it was written.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Record">Its header.</param>
internal sealed record CheckpointFolder(string Path, CheckpointRecord Record)
{
    /// <summary>The file of an array.</summary>
    public string PathOf(ArrayLayout layout) => System.IO.Path.Combine(Path, layout.FileName);
}

/// <summary>An array of a checkpoint that is to be written.</summary>
/// <param name="Layout">Its form.</param>
/// <param name="Rows">Replicas.</param>
/// <param name="Fill">Writes them.</param>
internal sealed record SavedArray(ArrayLayout Layout, int Rows, Action<ArrayWriter> Fill);

/// <summary>
/// Keeps the last two checkpoints of a chunk, checkpoint/seeds-.../a and b, each written under tmp/ and published by
/// one rename in place of the older, so that a whole one is there at any time.
/// </summary>
internal sealed class CheckpointStore(IFiles files, ResultPaths paths, ReplicaRange chunk)
{
    private readonly string _folder = paths.CheckpointsOf(chunk);
    private const string HeaderFile = "header.json";
    private static readonly string[] Generations = ["a", "b"];

    /// <summary>The newest checkpoint that is whole.</summary>
    /// <param name="faults">Is told of every one that is not.</param>
    /// <returns>Null when there is none.</returns>
    public CheckpointFolder? Newest(ICollection<string> faults)
    {
        foreach (string path in Existing().OrderByDescending(Sequence))
        {
            try
            {
                return Read(path);
            }
            // The older generation is kept for this.
            catch (HesseException failure) when (failure.Code == ExitCode.BadData)
            {
                faults.Add(failure.Message);
            }
        }

        return null;
    }

    /// <summary>Writes a checkpoint in place of the older one.</summary>
    /// <param name="record">Its header but for sequence and files.</param>
    /// <param name="arrays">Its arrays.</param>
    /// <param name="filling">Is held while one of them is filled.</param>
    public void Write(CheckpointRecord record, IReadOnlyList<SavedArray> arrays, Lock filling)
    {
        string folder = Path.Combine(paths.Temporary, "checkpoint");
        files.DeleteFolder(folder);
        files.CreateFolder(folder);
        List<ArrayRecord> written = [];
        foreach (SavedArray array in arrays)
        {
            string path = Path.Combine(folder, array.Layout.FileName);
            using ArrayWriter writer = new(files, path, array.Layout, array.Rows);
            lock (filling)
            {
                array.Fill(writer);
            }

            written.Add(writer.Finish());
        }

        Dictionary<string, long> sequences = Existing().ToDictionary(path => Path.GetFileName(path), Sequence);
        CheckpointRecord header = record with
        {
            Sequence = sequences.Values.DefaultIfEmpty(0).Max() + 1,
            Files = written,
        };
        SealedJson.Write(files, Path.Combine(folder, HeaderFile), header, StoreFormat.Records.CheckpointRecord);
        files.SyncFolder(folder);
        if (!files.FolderExists(_folder))
        {
            files.CreateFolder(_folder);
            files.SyncFolder(paths.Checkpoints);
            files.SyncFolder(paths.Root);
        }

        string older = Generations.MinBy(name => sequences.GetValueOrDefault(name, -1))!;
        string target = Path.Combine(_folder, older);
        string replaced = Path.Combine(paths.Temporary, "older-checkpoint");
        if (files.FolderExists(target))
        {
            files.MoveFolder(target, replaced);
        }

        files.MoveFolder(folder, target);
        files.SyncFolder(_folder);
        files.DeleteFolder(replaced);
    }

    /// <summary>Deletes both: the chunk that they lead to is committed.</summary>
    public void Clear()
    {
        files.DeleteFolder(_folder);
        if (files.FolderExists(paths.Checkpoints) && !files.Folders(paths.Checkpoints).Any())
        {
            files.DeleteFolder(paths.Checkpoints);
        }
    }

    private IEnumerable<string> Existing() =>
        Generations.Select(name => Path.Combine(_folder, name)).Where(files.FolderExists);

    // A damaged header counts as the oldest.
    private long Sequence(string path)
    {
        try
        {
            return Header(path).Sequence;
        }
        catch (HesseException)
        {
            return 0;
        }
    }

    private CheckpointRecord Header(string path)
    {
        string header = Path.Combine(path, HeaderFile);
        if (!files.FileExists(header))
        {
            throw new HesseException(ExitCode.BadData, $"{path} has no {HeaderFile}");
        }

        CheckpointRecord record = SealedJson.Read(files, header, StoreFormat.Records.CheckpointRecord);
        return record.Format == ManifestFile.Format
            ? record
            : throw new HesseException(
                ExitCode.BadData,
                $"{path} has format {record.Format}; this program reads format {ManifestFile.Format}"
            );
    }

    private CheckpointFolder Read(string path)
    {
        CheckpointRecord record = Header(path);
        foreach (ArrayRecord file in record.Files)
        {
            string array = Path.Combine(path, file.File);
            if (
                file.File.AsSpan().ContainsAny('/', '\\')
                || !files.FileExists(array)
                || ChecksumStream.OfFile(files, array) != (file.Bytes, file.Crc32C, file.Sha256)
            )
            {
                throw new HesseException(ExitCode.BadData, $"{array} is missing or damaged");
            }
        }

        return new CheckpointFolder(path, record);
    }
}
