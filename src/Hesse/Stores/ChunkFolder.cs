using Hesse.Planning;

namespace Hesse.Stores;

/// <summary>A finished chunk: a folder that appeared by one rename and is described by its chunk.json.</summary>
internal sealed class ChunkFolder
{
    /// <summary>Name of the description.</summary>
    public const string RecordFile = "chunk.json";

    /// <summary>Array of the step at which each replica was found to have diverged, -1 for none.</summary>
    public const string FirstBadStep = "first-bad-step";

    private ChunkFolder(string path, ReplicaRange range, ChunkRecord record)
    {
        Path = path;
        Range = range;
        Record = record;
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Its replicas.</summary>
    public ReplicaRange Range { get; }

    /// <summary>Its description.</summary>
    public ChunkRecord Record { get; }

    /// <summary>What to do when its bytes turn out to be damaged.</summary>
    public string Remedy => $"delete {Path} and run the experiment again to compute it, or run it with --repair";

    /// <summary>Reads the description and holds it against the folder's name and the lengths of the files.</summary>
    /// <exception cref="HesseException">65: the chunk is not whole.</exception>
    public static ChunkFolder Read(IFiles files, string path)
    {
        string name = System.IO.Path.GetFileName(path);
        if (!ReplicaRange.TryParse(name, out ReplicaRange? range))
        {
            throw Bad(path, "is not the name of a chunk");
        }

        string description = System.IO.Path.Combine(path, RecordFile);
        if (!files.FileExists(description))
        {
            throw Bad(path, $"has no {RecordFile}");
        }

        ChunkRecord record = SealedJson.Read(files, description, StoreFormat.Records.ChunkRecord);
        if (record.Format != ManifestFile.Format)
        {
            throw Bad(path, $"has format {record.Format}; this program reads format {ManifestFile.Format}");
        }

        if (record.First != range.First || record.Count != range.Count)
        {
            throw Bad(
                path,
                $"holds replicas {record.First} .. {record.First + record.Count - 1}, not those of its name"
            );
        }

        foreach (ArrayRecord file in record.Files)
        {
            string arrayPath = System.IO.Path.Combine(path, file.File);
            if (file.File.AsSpan().ContainsAny('/', '\\') || !files.FileExists(arrayPath))
            {
                throw Bad(arrayPath, "is missing");
            }

            long length = files.Length(arrayPath);
            if (length != file.Bytes)
            {
                throw Bad(arrayPath, $"has {length} bytes, {RecordFile} says {file.Bytes}");
            }
        }

        return new ChunkFolder(path, range, record);
    }

    /// <summary>Reads every file and holds it against its checksums.</summary>
    /// <exception cref="HesseException">65: a file is damaged.</exception>
    public void RequireSound(IFiles files)
    {
        foreach (ArrayRecord file in Record.Files)
        {
            string path = System.IO.Path.Combine(Path, file.File);
            if (ChecksumStream.OfFile(files, path) != (file.Bytes, file.Crc32C, file.Sha256))
            {
                throw Bad(path, "is damaged: its checksum does not fit");
            }
        }
    }

    /// <summary>Whether every file of an observation is there, with its times and options.</summary>
    public bool Holds(ObservedRecord observed) => Record.Files.Any(observed.Matches);

    /// <summary>The step at which each replica diverged, -1 for none. (count)</summary>
    public long[] ReadFirstBadSteps(IFiles files)
    {
        string path = System.IO.Path.Combine(Path, FirstBadStep + ".npy");
        using ArrayReader reader = new(files, path);
        double[] values = new double[Range.Count];
        reader.ReadColumns(0, 1, values);
        return Array.ConvertAll(values, value => (long)value);
    }

    private static HesseException Bad(string path, string what) => new(ExitCode.BadData, $"{path} {what}");
}
