using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hesse.Stores;

/// <summary>One file of a chunk or of the merged arrays, as chunk.json and manifest.json describe it.</summary>
internal sealed record ArrayRecord
{
    /// <summary>Name of the quantity, or of a file that belongs to none.</summary>
    public required string Quantity { get; init; }

    /// <summary>Name of the part for a quantity that has several files; else absent.</summary>
    public string? Part { get; init; }

    /// <summary>Name of the file in its folder.</summary>
    public required string File { get; init; }

    /// <summary>Length of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Element type, NumPy's notation.</summary>
    [JsonPropertyName("dtype")]
    public required string DType { get; init; }

    /// <summary>(replicas, times, ...)</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>CRC-32C of the file.</summary>
    [JsonPropertyName("crc32c")]
    public required string Crc32C { get; init; }

    /// <summary>SHA-256 of the file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Steps at which the quantity was measured; empty for a file without a time axis.</summary>
    public required IReadOnlyList<int> Times { get; init; }

    /// <summary>SHA-256 of the quantity's options in canonical JSON.</summary>
    public required string Options { get; init; }
}

/// <summary>chunk.json: what a chunk holds and how it came about.</summary>
internal sealed record ChunkRecord
{
    /// <summary>Version of the layout, 1.</summary>
    public required int Format { get; init; }

    /// <summary>Identity of the experiment's setting.</summary>
    public required string Identity { get; init; }

    /// <summary>First replica.</summary>
    public required int First { get; init; }

    /// <summary>Number of replicas.</summary>
    public required int Count { get; init; }

    /// <summary>Version of the program that wrote it.</summary>
    public required string Engine { get; init; }

    /// <summary>Scheme of the random numbers.</summary>
    public required string Rng { get; init; }

    /// <summary>reference, cpu or cuda.</summary>
    public required string Backend { get; init; }

    /// <summary>Processor or graphics device.</summary>
    public required string Device { get; init; }

    /// <summary>Architecture of the graphics device, sm_90 and the like; absent for a processor.</summary>
    public string? Architecture { get; init; }

    /// <summary>The files.</summary>
    public required IReadOnlyList<ArrayRecord> Files { get; init; }
}

/// <summary>A small file of a finished run with its checksums.</summary>
/// <param name="File">Path below the setting's folder, with '/'.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Crc32C">CRC-32C.</param>
/// <param name="Sha256">SHA-256.</param>
internal sealed record FileRecord(
    string File,
    long Bytes,
    [property: JsonPropertyName("crc32c")] string Crc32C,
    string Sha256
);

/// <summary>One quantity that an experiment observes.</summary>
/// <param name="Quantity">Its name.</param>
/// <param name="Times">Steps, ascending.</param>
/// <param name="Options">SHA-256 of its options in canonical JSON.</param>
internal sealed record ObservedRecord(string Quantity, IReadOnlyList<int> Times, string Options)
{
    /// <summary>Whether a stored file is this observation: same quantity, times and options.</summary>
    public bool Matches(ArrayRecord file) =>
        string.Equals(file.Quantity, Quantity, StringComparison.Ordinal)
        && string.Equals(file.Options, Options, StringComparison.Ordinal)
        && file.Times.SequenceEqual(Times);

    /// <summary>Whether two observations are the same: quantity, times and options.</summary>
    public bool IsSame(ObservedRecord other) =>
        string.Equals(other.Quantity, Quantity, StringComparison.Ordinal)
        && string.Equals(other.Options, Options, StringComparison.Ordinal)
        && other.Times.SequenceEqual(Times);
}

/// <summary>manifest.json: where the results of one setting come from and which files they are.</summary>
internal sealed record ManifestRecord
{
    /// <summary>Version of the layout, 1.</summary>
    public required int Format { get; init; }

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>Folder name of the setting; empty without a sweep.</summary>
    public required string Slug { get; init; }

    /// <summary>Identity of the setting.</summary>
    public required string Identity { get; init; }

    /// <summary>Seed of the experiment.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Number of replicas asked for.</summary>
    public required int Replicas { get; init; }

    /// <summary>Whether the merged arrays and the tables hold everything asked for.</summary>
    public required bool Complete { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Engine { get; init; }

    /// <summary>Commit it was built from, when known.</summary>
    public string? Commit { get; init; }

    /// <summary>Scheme of the random numbers.</summary>
    public required string Rng { get; init; }

    /// <summary>reference, cpu or cuda.</summary>
    public required string Backend { get; init; }

    /// <summary>Processor or graphics device.</summary>
    public required string Device { get; init; }

    /// <summary>Architecture of the graphics device, sm_90 and the like; absent for a processor.</summary>
    public string? Architecture { get; init; }

    /// <summary>Operating system and runtime.</summary>
    public required string Platform { get; init; }

    /// <summary>SHA-256 of the data files; empty for generated data.</summary>
    public required string DataHash { get; init; }

    /// <summary>Number of parameters, p.</summary>
    public required int Parameters { get; init; }

    /// <summary>The command line of the last run.</summary>
    public required IReadOnlyList<string> CommandLine { get; init; }

    /// <summary>When it was written, UTC.</summary>
    public required DateTimeOffset Written { get; init; }

    /// <summary>Number of diverged replicas, once complete.</summary>
    public int? Diverged { get; init; }

    /// <summary>What is observed, in the order of the specification.</summary>
    public required IReadOnlyList<ObservedRecord> Observed { get; init; }

    /// <summary>Quantile levels of summary.csv.</summary>
    public required IReadOnlyList<double> Quantiles { get; init; }

    /// <summary>Merged arrays, once complete.</summary>
    public required IReadOnlyList<ArrayRecord> Arrays { get; init; }

    /// <summary>Every other file, once complete: spec.json, tables, time axes.</summary>
    public required IReadOnlyList<FileRecord> Files { get; init; }
}

/// <summary>Reads and writes the records without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    NewLine = "\n",
    MaxDepth = 16
)]
[JsonSerializable(typeof(ChunkRecord))]
[JsonSerializable(typeof(ManifestRecord))]
[JsonSerializable(typeof(OwnerRecord))]
[JsonSerializable(typeof(CheckpointRecord))]
[JsonSerializable(typeof(FailureRecord))]
internal sealed partial class StoreJson : JsonSerializerContext;

/// <summary>The form of the records on disk.</summary>
internal static class StoreFormat
{
    /// <summary>As declared, with "&lt;f8" left readable.</summary>
    public static StoreJson Records { get; } =
        new(
            new JsonSerializerOptions(StoreJson.Default.Options)
            {
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );

    /// <summary>Loads types that the records of a run take, and makes their descriptions, which the first use would do.</summary>
    public static void Prepare()
    {
        JsonSerializer.Serialize(null!, Records.OwnerRecord);
        JsonSerializer.Serialize(null!, Records.ManifestRecord);
        JsonSerializer.Serialize(null!, Records.ChunkRecord);
    }
}
