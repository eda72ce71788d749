using Hesse.Specs;

namespace Hesse.Cli;

/// <summary>What the command line changes of a spec.</summary>
internal static class SpecOverrides
{
    private const string Option = "--set";

    // Never typed: it stands between the assignments of several --set.
    private const char Separator = '\u001f';

    /// <summary>
    /// The words with all --set joined into one. The parser would take every word behind the first assignment for
    /// another one, the spec included.
    /// </summary>
    public static IReadOnlyList<string> Join(IReadOnlyList<string> args)
    {
        List<string> words = [];
        List<string> assignments = [];
        for (int i = 0; i < args.Count; i++)
        {
            if (args[i] == Option && i + 1 < args.Count)
            {
                assignments.Add(args[++i]);
            }
            else if (args[i].StartsWith(Option + "=", StringComparison.Ordinal))
            {
                assignments.Add(args[i][(Option.Length + 1)..]);
            }
            else
            {
                words.Add(args[i]);
            }
        }

        return assignments.Count == 0 ? args : [.. words, $"{Option}={string.Join(Separator, assignments)}"];
    }

    /// <summary>--set first, then --replicas and --seed.</summary>
    public static IReadOnlyList<SpecOverride> Of(string? replicas, string? seed, string? assignments)
    {
        List<SpecOverride> overrides = [.. Assignments(assignments).Select(SpecOverride.Set)];
        if (replicas is not null)
        {
            overrides.Add(SpecOverride.Replicas(replicas));
        }

        if (seed is not null)
        {
            overrides.Add(SpecOverride.Seed(seed));
        }

        return overrides;
    }

    /// <summary>The assignments of all --set, as typed.</summary>
    public static string[] Assignments(string? joined) => joined?.Split(Separator) ?? [];

    /// <summary>--threads, 0 when not given.</summary>
    /// <exception cref="HesseException">64: not 1 .. 4096.</exception>
    public static int ThreadCount(int? threads) =>
        threads is null or (>= 1 and <= 4096)
            ? threads ?? 0
            : throw new HesseException(ExitCode.Usage, $"--threads {threads}: write a number from 1 to 4096");
}
