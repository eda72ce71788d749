using System.Text;
using System.Text.Json.Nodes;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Reports;

/// <summary>What a report knows of one setting: its records and the arrays over its finished replicas. Nothing is written.</summary>
internal sealed class StoredSetting
{
    private readonly IFiles _files;
    private readonly ChunkFolder[] _chunks;
    private int? _diverged;

    private StoredSetting(IFiles files, ResultPaths paths, ManifestRecord manifest, string spec, ChunkFolder[] chunks)
    {
        _files = files;
        _chunks = chunks;
        Paths = paths;
        Manifest = manifest;
        SpecText = spec;
        Spec = SpecReader.Parse(Encoding.UTF8.GetBytes(spec), SpecFormat.Json, paths.Spec, paths.Root);
        Done = manifest.Complete ? manifest.Replicas : Coverage.Done(chunks, manifest.Observed, manifest.Replicas);
    }

    /// <summary>Where it lies.</summary>
    public ResultPaths Paths { get; }

    /// <summary>Where its numbers come from.</summary>
    public ManifestRecord Manifest { get; }

    /// <summary>spec.json as it is.</summary>
    public string SpecText { get; }

    /// <summary>The resolved spec.</summary>
    public Spec Spec { get; }

    /// <summary>Replicas with every observation.</summary>
    public int Done { get; }

    /// <summary>Chunks that cannot be read and count as missing, one line each.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>Reads the records of a setting.</summary>
    /// <exception cref="HesseException">65: damaged or incomplete records; 66: no results.</exception>
    public static StoredSetting Open(IFiles files, string folder)
    {
        ResultPaths paths = new(folder, Shard.Whole);
        ManifestRecord manifest = ManifestFile.Read(files, paths);
        if (!files.FileExists(paths.Spec))
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{paths.Spec} is missing; run the experiment again to write it"
            );
        }

        if (manifest.Complete && !Completion.IsIntact(files, paths, manifest))
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{folder} is damaged: hesse verify names the file, hesse merge writes it again from the chunks"
            );
        }

        List<string> broken = [];
        ChunkFolder[] chunks = manifest.Complete ? [] : [.. ReadChunks(files, paths, manifest, broken)];
        using StreamReader spec = new(files.Open(paths.Spec), Encoding.UTF8);
        StoredSetting setting = new(files, paths, manifest, spec.ReadToEnd(), chunks);
        setting.Broken.AddRange(broken);
        return setting;
    }

    /// <summary>Whether a quantity is observed and at least one replica of it is finished.</summary>
    public bool Has(string quantity) => Find(quantity) is not null;

    /// <summary>An array, or null where none of its replicas is finished.</summary>
    /// <param name="quantity">Its name.</param>
    /// <param name="part">Its part, or null.</param>
    public StoredArray? Find(string quantity, string? part = null) =>
        Arrays.FirstOrDefault(array => array.Layout.Quantity == quantity && array.Layout.Part == part);

    /// <summary>All arrays with finished replicas, in the order of the observations.</summary>
    public IReadOnlyList<StoredArray> Arrays => field ??= [.. Collect()];

    /// <summary>The observation of a quantity in the spec.</summary>
    public ObservationSpec? Observation(string quantity) =>
        Spec.Observe.FirstOrDefault(one => one.Quantity == quantity);

    /// <summary>Diverged replicas among the finished ones.</summary>
    public int Diverged => _diverged ??= CountDiverged();

    private int CountDiverged() =>
        Manifest.Diverged
        ?? _chunks
            .Where(chunk => Manifest.Observed.All(chunk.Holds))
            .Sum(chunk => chunk.ReadFirstBadSteps(_files).Take(Rows(chunk)).Count(step => step >= 0));

    /// <summary>spec.json as a tree.</summary>
    public JsonObject SpecTree() => JsonNode.Parse(SpecText)!.AsObject();

    private static IEnumerable<ChunkFolder> ReadChunks(
        IFiles files,
        ResultPaths paths,
        ManifestRecord manifest,
        List<string> broken
    )
    {
        foreach (string name in files.Folders(paths.Chunks))
        {
            ChunkFolder chunk;
            try
            {
                chunk = ChunkFolder.Read(files, Path.Combine(paths.Chunks, name));
            }
            // A chunk that cannot be read is missing, which the report says.
            catch (HesseException failure)
            {
                broken.Add(failure.Message);
                continue;
            }

            if (chunk.Record.Identity == manifest.Identity && chunk.Range.First < manifest.Replicas)
            {
                yield return chunk;
            }
        }
    }

    private IEnumerable<StoredArray> Collect()
    {
        if (Manifest.Complete)
        {
            foreach (ArrayRecord array in Manifest.Arrays)
            {
                string path = Path.Combine(Paths.Arrays, array.File);
                yield return new StoredArray(_files, ArrayLayout.Of(array), [(path, Manifest.Replicas)]);
            }

            yield break;
        }

        foreach (ObservedRecord observed in Manifest.Observed)
        {
            ChunkFolder[] holding = [.. _chunks.Where(chunk => chunk.Holds(observed))];
            foreach (
                ArrayRecord file in holding.Take(1).SelectMany(chunk => chunk.Record.Files.Where(observed.Matches))
            )
            {
                yield return new StoredArray(
                    _files,
                    ArrayLayout.Of(file),
                    [.. holding.Select(chunk => (Path.Combine(chunk.Path, file.File), Rows(chunk)))]
                );
            }
        }
    }

    private int Rows(ChunkFolder chunk) => Math.Min(chunk.Range.End, Manifest.Replicas) - chunk.Range.First;
}
