namespace Hesse.Stores;

/// <summary>Holds a set of chunks against what they should be together.</summary>
internal static class Coverage
{
    /// <summary>Refuses chunks of another experiment.</summary>
    /// <exception cref="HesseException">73: a chunk has another identity.</exception>
    public static void RequireOneExperiment(IReadOnlyList<ChunkFolder> chunks, string identity)
    {
        foreach (ChunkFolder chunk in chunks)
        {
            if (!string.Equals(chunk.Record.Identity, identity, StringComparison.Ordinal))
            {
                throw new HesseException(
                    ExitCode.OutputBusy,
                    $"{chunk.Path} belongs to another experiment: identity {chunk.Record.Identity} there, {identity} here"
                );
            }
        }
    }

    /// <summary>Refuses to mix numbers that were computed differently.</summary>
    /// <exception cref="HesseException">73: a chunk was computed by another backend, CUDA architecture or random number scheme.</exception>
    public static void RequireOneBackend(IReadOnlyList<ChunkFolder> chunks, ManifestRecord wanted)
    {
        foreach (ChunkFolder chunk in chunks)
        {
            if (!string.Equals(chunk.Record.Backend, wanted.Backend, StringComparison.Ordinal))
            {
                throw new HesseException(
                    ExitCode.OutputBusy,
                    $"{chunk.Path} was computed by backend {chunk.Record.Backend}, this run uses {wanted.Backend}; "
                        + $"continue with --backend {chunk.Record.Backend}, or compute everything again with --force"
                );
            }

            if (!string.Equals(chunk.Record.Architecture, wanted.Architecture, StringComparison.Ordinal))
            {
                throw new HesseException(
                    ExitCode.OutputBusy,
                    $"{chunk.Path} was computed on CUDA architecture {chunk.Record.Architecture}, this run's device is {wanted.Architecture}; "
                        + "continue on a device of that architecture, or compute everything again with --force"
                );
            }

            if (!string.Equals(chunk.Record.Rng, wanted.Rng, StringComparison.Ordinal))
            {
                throw new HesseException(
                    ExitCode.OutputBusy,
                    $"{chunk.Path} used random numbers {chunk.Record.Rng}, this program {wanted.Rng}"
                );
            }
        }
    }

    /// <summary>Refuses to mix numbers of programs whose numbers may differ: another major version, or minor version before 1.0.</summary>
    /// <exception cref="HesseException">73: a chunk was computed by such a version.</exception>
    public static void RequireOneEngine(IReadOnlyList<ChunkFolder> chunks, ManifestRecord wanted)
    {
        foreach (ChunkFolder chunk in chunks)
        {
            if (!string.Equals(Series(chunk.Record.Engine), Series(wanted.Engine), StringComparison.Ordinal))
            {
                throw new HesseException(
                    ExitCode.OutputBusy,
                    $"{chunk.Path} was computed by version {chunk.Record.Engine}, this program is version {wanted.Engine}; "
                        + "continue with that version, or compute everything again with --force"
                );
            }
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
