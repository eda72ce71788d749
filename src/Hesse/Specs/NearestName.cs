namespace Hesse.Specs;

/// <summary>The valid name that a misspelt one most likely meant.</summary>
internal static class NearestName
{
    /// <summary>No key is longer; comparing a longer text with every key would only cost time.</summary>
    private const int LongestCompared = 64;

    /// <summary>"unknown key 'hiden'; did you mean 'hidden'?", or the valid names when none is near.</summary>
    public static string Unknown(string what, string name, IReadOnlyCollection<string> valid)
    {
        string? nearest = Of(name, valid);
        string hint = nearest is null ? $"valid: {string.Join(", ", valid)}" : $"did you mean '{nearest}'?";
        return $"unknown {what} {SpecFaults.Quote(name)}; {hint}";
    }

    /// <summary>The name at the smallest edit distance (at most 2, or a third of the length), or null.</summary>
    public static string? Of(string name, IEnumerable<string> valid)
    {
        if (name.Length > LongestCompared)
        {
            return null;
        }

        string wanted = name.ToLowerInvariant().Replace('_', '-');
        string? nearest = null;
        int smallest = Math.Max(2, wanted.Length / 3) + 1;
        foreach (string candidate in valid)
        {
            int distance = Distance(wanted, candidate);
            if (distance < smallest && distance < candidate.Length)
            {
                smallest = distance;
                nearest = candidate;
            }
        }

        return nearest;
    }

    /// <summary>Edit distance with insertion, deletion, replacement and exchange of neighbours at cost 1.</summary>
    public static int Distance(string a, string b)
    {
        // rows[i][j]: distance of the first i letters of a from the first j of b; three rows are enough.
        int[] beforeLast = new int[b.Length + 1];
        int[] last = new int[b.Length + 1];
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int same = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + same);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            (beforeLast, last, row) = (last, row, beforeLast);
        }

        return last[b.Length];
    }
}
