using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Hesse.Planning;

/// <summary>Replicas First .. First + Count - 1 of an experiment.</summary>
/// <param name="First">Index of the first replica.</param>
/// <param name="Count">Number of replicas, at least 1.</param>
internal sealed record ReplicaRange(int First, int Count)
{
    /// <summary>Replicas of one chunk. Chunk boundaries are multiples of it, whatever the wave size.</summary>
    public const int BlockSize = 256;

    private const string Prefix = "seeds-";

    /// <summary>Index behind the last replica.</summary>
    public int End => First + Count;

    /// <summary>Number of the aligned block that holds the range.</summary>
    public int Block => First / BlockSize;

    /// <summary>seeds-AAAAAAAA-BBBBBBBB, first and last replica.</summary>
    public string FolderName => $"{Prefix}{First:D8}-{End - 1:D8}";

    /// <summary>Reads a folder name back; false for any other name.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out ReplicaRange? range)
    {
        range = null;
        if (
            !name.StartsWith(Prefix, StringComparison.Ordinal)
            || name.Split('-') is not [_, { Length: >= 8 } first, { Length: >= 8 } last]
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int from)
            || !int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out int to)
            || to < from
        )
        {
            return false;
        }

        range = new ReplicaRange(from, to - from + 1);
        return string.Equals(range.FolderName, name, StringComparison.Ordinal);
    }

    /// <summary>
    /// The replicas 0 .. replicas-1 that no present range holds, ascending, split at multiples of <see cref="BlockSize"/>:
    /// a first run of 20 replicas leaves 0-19, raising them to 300 adds 20-255 and 256-299.
    /// </summary>
    public static IReadOnlyList<ReplicaRange> Missing(IEnumerable<ReplicaRange> present, int replicas)
    {
        List<ReplicaRange> missing = [];
        int next = 0;
        foreach (ReplicaRange range in present.OrderBy(range => range.First).Append(new ReplicaRange(replicas, 0)))
        {
            int end = Math.Min(range.First, replicas);
            while (next < end)
            {
                int stop = Math.Min(end, ((next / BlockSize) + 1) * BlockSize);
                missing.Add(new ReplicaRange(next, stop - next));
                next = stop;
            }

            next = Math.Max(next, range.End);
        }

        return missing;
    }

    /// <summary>Consecutive pieces of at most <paramref name="size"/> replicas.</summary>
    public IEnumerable<ReplicaRange> Split(int size)
    {
        for (int first = First; first < End; first += size)
        {
            yield return new ReplicaRange(first, Math.Min(size, End - first));
        }
    }
}
