using System.Text;
using System.Text.Json.Nodes;
using Hesse.Specs;

namespace Hesse.Planning;

/// <summary>One point of a sweep's grid.</summary>
/// <param name="Slug">Its folder below the experiment's; empty without a sweep.</param>
/// <param name="Spec">The spec with the point's values and without a sweep.</param>
/// <param name="Values">Swept keys with their values as canonical JSON, in the order of the axes.</param>
public sealed record SweepSetting(string Slug, Spec Spec, IReadOnlyList<KeyValuePair<string, string>> Values);

/// <summary>A spec with a sweep to its settings.</summary>
public static class SweepExpansion
{
    /// <summary>More settings than this are a typing error, not a sweep.</summary>
    internal const int MostSettings = 10_000;

    /// <summary>Settings times values of the spec: beyond it, reading takes longer than any sweep deserves.</summary>
    private const long MostValues = 4_000_000;

    private const int LongestSlug = 100;

    private const int HashLength = 12;

    /// <summary>All settings, the first axis slowest; one with an empty slug when nothing is swept.</summary>
    /// <exception cref="HesseException">Exit code 65: a setting is no valid spec.</exception>
    public static IReadOnlyList<SweepSetting> Expand(Spec spec)
    {
        if (spec.Sweep.Count == 0)
        {
            return [new SweepSetting("", spec, [])];
        }

        SpecFaults faults = new();
        SpecOrigin origin = new("sweep", 0, 0);
        byte[] text = Encoding.UTF8.GetBytes(SpecWriter.Sparse(spec));
        SpecNode root = JsonTree.Read(text, (_, _) => origin, faults);
        Spec[] specs = [.. BindAll(root, Path.GetFullPath("."), faults)];
        faults.ThrowIfAny();
        KeyValuePair<string, string>[][] values =
        [
            .. Combinations([.. spec.Sweep.Select(axis => axis.Values.Count)])
                .Select(point =>
                    point.Select((choice, i) => KeyValuePair.Create(spec.Sweep[i].Key, spec.Sweep[i].Values[choice]))
                )
                .Select(pairs => pairs.ToArray()),
        ];
        string[] slugs = Slugs(values);
        return [.. specs.Select((one, i) => new SweepSetting(slugs[i], one with { Places = spec.Places }, values[i]))];
    }

    /// <summary>Binds every setting of a tree whose base is valid, in order.</summary>
    internal static IEnumerable<Spec> BindAll(SpecNode root, string folder, SpecFaults faults)
    {
        SpecNode sweep = root.Find("sweep")!.Value;
        int[] counts = [.. sweep.Members.Select(axis => axis.Value.Items.Count)];
        if (counts.Aggregate(1L, (product, count) => Math.Min(product * count, int.MaxValue)) > MostSettings)
        {
            faults.Add(sweep.Origin, "sweep", $"more than {MostSettings} settings");
            yield break;
        }

        long settings = counts.Aggregate(1L, (product, count) => product * count);
        if (settings * CountOf(root) > MostValues)
        {
            faults.Add(sweep.Origin, "sweep", $"{settings} settings are too many for a spec of {CountOf(root)} values");
            yield break;
        }

        SpecNode plain = Without(root, "sweep");
        foreach (int[] point in Combinations(counts))
        {
            SpecNode setting = plain;
            for (int axis = 0; axis < point.Length; axis++)
            {
                SpecMember member = sweep.Members[axis];
                setting = setting.With(member.Name.Split('.'), member.Value.Items[point[axis]], out _)!;
            }

            yield return SpecBinder.BindOne(setting, folder, faults);
        }
    }

    /// <summary>All index tuples below these counts, the first index slowest.</summary>
    private static IEnumerable<int[]> Combinations(int[] counts)
    {
        int[] point = new int[counts.Length];
        int axis;
        do
        {
            yield return [.. point];
            for (axis = counts.Length - 1; axis >= 0 && ++point[axis] == counts[axis]; axis--)
            {
                point[axis] = 0;
            }
        } while (axis >= 0);
    }

    private static long CountOf(SpecNode node) =>
        1 + node.Items.Sum(CountOf) + node.Members.Sum(member => CountOf(member.Value));

    private static SpecNode Without(SpecNode root, string key)
    {
        SpecNode copy = new(SpecNodeKind.Object, root.Origin);
        foreach (SpecMember member in root.Members.Where(member => member.Name != key))
        {
            copy.TryAdd(member);
        }

        return copy;
    }

    /// <summary>Readable where that is unique and short, else ending in a hash. Compared without case, as some file systems do.</summary>
    private static string[] Slugs(KeyValuePair<string, string>[][] settings)
    {
        string[] keys = [.. settings[0].Select(value => value.Key)];
        string[] labels = [.. keys.Select(key => key[(key.IndexOf('.', StringComparison.Ordinal) + 1)..])];
        labels = [.. labels.Select((label, i) => labels.Count(other => other == label) == 1 ? label : keys[i])];
        string[] plain =
        [
            .. settings.Select(values =>
                string.Join('_', values.Select((value, i) => $"{labels[i]}-{Readable(value.Value)}"))
            ),
        ];
        HashSet<string> twice =
        [
            .. plain
                .GroupBy(slug => slug, StringComparer.OrdinalIgnoreCase)
                .Where(group => group.Count() > 1)
                .Select(group => group.Key),
        ];
        HashSet<string> shared = new(twice, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. plain.Select(
                (slug, i) =>
                    slug.Length <= LongestSlug && !shared.Contains(slug)
                        ? slug
                        : $"{slug[..Math.Min(slug.Length, LongestSlug - HashLength - 1)]}-{HashOf(settings[i])}"
            ),
        ];
    }

    private static string HashOf(KeyValuePair<string, string>[] values)
    {
        JsonObject assignment = new(
            values.Select(value => KeyValuePair.Create(value.Key, JsonNode.Parse(value.Value)))
        );
        return SpecWriter.Hash(SpecWriter.Canonical(assignment))[..HashLength];
    }

    /// <summary>Canonical JSON with everything but [A-Za-z0-9._-] turned into single hyphens; of a path only its last part.</summary>
    private static string Readable(string json)
    {
        bool isText = json.StartsWith('"');
        string text = isText ? Path.GetFileName(JsonNode.Parse(json)!.GetValue<string>()) : json;
        StringBuilder readable = new();
        foreach (char letter in text)
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-')
            {
                readable.Append(letter);
            }
            else if (readable.Length > 0 && readable[^1] != '-')
            {
                readable.Append('-');
            }
        }

        string trimmed = readable.ToString().TrimEnd('-');
        return trimmed.Length > 0 ? trimmed
            : isText ? "text"
            : "none";
    }
}
