namespace Hesse.Stores;

/// <summary>Everything that decides numbers but for the replica.</summary>
/// <param name="Identity">Identity of the experiment's setting.</param>
/// <param name="Backend">reference, cpu or cuda.</param>
/// <param name="Architecture">CUDA architecture, null elsewhere.</param>
/// <param name="Rng">Scheme of the random numbers.</param>
/// <param name="Engine">Version of the program.</param>
internal sealed record Origin(string Identity, string Backend, string? Architecture, string Rng, string Engine)
{
    /// <summary>A chunk's.</summary>
    public static Origin Of(ChunkRecord record) =>
        new(record.Identity, record.Backend, record.Architecture, record.Rng, record.Engine);

    /// <summary>A run's.</summary>
    public static Origin Of(ManifestRecord record) =>
        new(record.Identity, record.Backend, record.Architecture, record.Rng, record.Engine);

    /// <summary>A checkpoint's.</summary>
    public static Origin Of(CheckpointRecord record) =>
        new(record.Identity, record.Backend, record.Architecture, record.Rng, record.Engine);
}

/// <summary>Holds a set of chunks against what they should be together.</summary>
internal static class Coverage
{
    /// <summary>Refuses chunks of another experiment.</summary>
    /// <exception cref="HesseException">73: a chunk has another identity.</exception>
    public static void RequireOneExperiment(IReadOnlyList<ChunkFolder> chunks, string identity)
    {
        foreach (ChunkFolder chunk in chunks)
        {
            Origin there = Origin.Of(chunk.Record);
            RequireSameOrigin(chunk.Path, there, there with { Identity = identity });
        }
    }

    /// <summary>Refuses to mix numbers that were computed differently.</summary>
    /// <exception cref="HesseException">73: a chunk was computed by another backend, CUDA architecture, random number scheme or version.</exception>
    public static void RequireOneOrigin(IReadOnlyList<ChunkFolder> chunks, ManifestRecord wanted)
    {
        foreach (ChunkFolder chunk in chunks)
        {
            RequireSameOrigin(chunk.Path, Origin.Of(chunk.Record), Origin.Of(wanted));
        }
    }

    /// <summary>
    /// Refuses numbers of another experiment, backend, CUDA architecture or random number scheme, and of a version whose numbers may
    /// differ: another major version, or minor version before 1.0.
    /// </summary>
    /// <exception cref="HesseException">73: with both sides, and what allows it where it is safe.</exception>
    public static void RequireSameOrigin(string path, Origin there, Origin here)
    {
        string? difference =
            there.Identity != here.Identity
                ? $"belongs to another experiment: identity {there.Identity} there, {here.Identity} here"
            : there.Backend != here.Backend
                ? $"was computed by backend {there.Backend}, this run uses {here.Backend}; "
                    + $"continue with --backend {there.Backend}, or compute everything again with --force"
            : there.Architecture != here.Architecture
                ? $"was computed on CUDA architecture {there.Architecture}, this run's device is {here.Architecture}; "
                    + "continue on a device of that architecture, or compute everything again with --force"
            : there.Rng != here.Rng ? $"used random numbers {there.Rng}, this program {here.Rng}"
            : Series(there.Engine) != Series(here.Engine)
                ? $"was computed by version {there.Engine}, this program is version {here.Engine}; "
                    + "continue with that version, or compute everything again with --force"
            : null;
        if (difference is not null)
        {
            throw new HesseException(ExitCode.OutputBusy, $"{path} {difference}");
        }
    }

    /// <summary>0.1 of 0.1.7, 2 of 2.3.4: versions of one series compute the same bits.</summary>
    public static string Series(string version)
    {
        string[] parts = version.Split('.');
        return string.Join('.', parts.Take(parts[0] == "0" ? 2 : 1));
    }

    /// <summary>Refuses replicas that stand twice.</summary>
    /// <exception cref="HesseException">65: a replica stands in two chunks.</exception>
    public static void RequireNoOverlap(IReadOnlyList<ChunkFolder> chunks)
    {
        for (int i = 1; i < chunks.Count; i++)
        {
            if (chunks[i].Range.First < chunks[i - 1].Range.End)
            {
                throw new HesseException(
                    ExitCode.BadData,
                    $"{chunks[i - 1].Path} and {chunks[i].Path} hold the same replicas; delete one"
                );
            }
        }
    }

    /// <summary>How many of the replicas 0 .. replicas-1 have every observation.</summary>
    public static int Done(IReadOnlyList<ChunkFolder> chunks, IReadOnlyList<ObservedRecord> observed, int replicas) =>
        chunks
            .Where(chunk => chunk.Range.First < replicas && observed.All(chunk.Holds))
            .Sum(chunk => Math.Min(chunk.Range.End, replicas) - chunk.Range.First);

    /// <summary>What the chunks hold and merged arrays will not: more replicas, or quantities that are no longer observed.</summary>
    public static IEnumerable<string> Unused(IReadOnlyList<ChunkFolder> chunks, ManifestRecord wanted)
    {
        int replicas = chunks.Count == 0 ? 0 : chunks[^1].Range.End;
        if (replicas > wanted.Replicas)
        {
            yield return $"{wanted.Replicas} of {replicas} replicas";
        }

        string[] unobserved =
        [
            .. chunks
                .SelectMany(chunk => chunk.Record.Files.Select(file => file.Quantity))
                .Distinct(StringComparer.Ordinal)
                .Except(wanted.Observed.Select(observed => observed.Quantity), StringComparer.Ordinal)
                .Where(quantity => !string.Equals(quantity, ChunkFolder.FirstBadStep, StringComparison.Ordinal)),
        ];
        if (unobserved.Length > 0)
        {
            yield return $"no {string.Join(", ", unobserved)}";
        }
    }
}
