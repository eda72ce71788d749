using System.Text.Json.Nodes;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Reports;

/// <summary>A key of the spec in which the settings of an experiment differ.</summary>
/// <param name="Key">Dotted path.</param>
/// <param name="Label">What figures call it.</param>
/// <param name="Values">Its value in each setting, canonical JSON; "absent" where the setting has no such key.</param>
internal sealed record SweptKey(string Key, string Label, IReadOnlyList<string> Values)
{
    /// <summary>The different values: numbers ascending, before texts in their first order.</summary>
    public IReadOnlyList<string> Distinct =>
        [
            .. Values
                .Distinct(StringComparer.Ordinal)
                .OrderBy(value => SweptKeys.Number(value) ?? double.PositiveInfinity),
        ];

    /// <summary>Whether all values are numbers.</summary>
    public bool IsNumeric => Values.All(value => SweptKeys.Number(value) is not null);
}

/// <summary>All settings of one experiment: what one report.html shows.</summary>
internal sealed class StoredExperiment
{
    private StoredExperiment(string folder, IReadOnlyList<StoredSetting> settings)
    {
        Folder = folder;
        Settings = settings;
        Swept = SweptKeys.Of([.. settings.Select(setting => setting.SpecTree())]);
        string[] labels = [.. settings.Select((setting, i) => SweptKeys.Label(Swept, i) ?? setting.Manifest.Name)];
        // Rounded numbers may coincide; the folders' names do not.
        Labels =
            labels.Distinct(StringComparer.Ordinal).Count() == labels.Length
                ? labels
                : [.. settings.Select(setting => setting.Manifest.Slug)];
    }

    /// <summary>DIR/name</summary>
    public string Folder { get; }

    /// <summary>Its settings, in the order of the swept values.</summary>
    public IReadOnlyList<StoredSetting> Settings { get; }

    /// <summary>The keys in which settings differ.</summary>
    public IReadOnlyList<SweptKey> Swept { get; }

    /// <summary>What figures call each setting.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Name of the experiment.</summary>
    public string Name => Settings[0].Manifest.Name;

    /// <summary>Every experiment in a folder: an --out folder, one run inside it, or one setting (whose whole experiment is meant).</summary>
    /// <exception cref="HesseException">66: there is no result; 65: a record is damaged.</exception>
    public static IReadOnlyList<StoredExperiment> Find(IFiles files, string folder)
    {
        List<StoredExperiment> found = [];
        foreach (string root in Roots(files, folder))
        {
            StoredSetting[] settings = [.. Results.Find(root).Select(path => StoredSetting.Open(files, path))];
            IReadOnlyList<SweptKey> swept = SweptKeys.Of([.. settings.Select(setting => setting.SpecTree())]);
            int[] order = [.. Enumerable.Range(0, settings.Length)];
            IOrderedEnumerable<int> sorted = order.OrderBy(_ => 0);
            foreach (SweptKey key in swept)
            {
                IReadOnlyList<string> values = key.Distinct;
                sorted = sorted.ThenBy(i => values.TakeWhile(value => value != key.Values[i]).Count());
            }

            found.Add(new StoredExperiment(root, [.. sorted.Select(i => settings[i])]));
        }

        return found;
    }

    private static IEnumerable<string> Roots(IFiles files, string folder) =>
        Results
            .Find(folder)
            .Select(path =>
            {
                ManifestRecord manifest = ManifestFile.Read(files, new ResultPaths(path, Planning.Shard.Whole));
                return manifest.Slug.Length == 0 ? path : Path.GetDirectoryName(path)!;
            })
            .Distinct(StringComparer.Ordinal);
}

/// <summary>Finds out in which keys specs differ.</summary>
internal static class SweptKeys
{
    private const string Absent = "absent";

    // Outside, numbers are written with an exponent.
    private const double Small = 1e-4;
    private const double Large = 1e6;

    // What does not change the numbers of a replica, or is no single value.
    private static readonly string[] Ignored = ["name", "replicas", "observe", "statistics", "cite"];

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["training.batch.size"] = "batch size",
        ["training.optimizer.step-size"] = "step size",
        ["training.optimizer.kind"] = "optimizer",
        ["training.batch.order"] = "batch order",
        ["network.hidden"] = "hidden widths",
        ["network.activation"] = "activation",
        ["data.samples"] = "samples",
        ["data.random-labels"] = "random labels",
    };

    /// <summary>The keys in which trees differ, in the order of the first tree.</summary>
    public static IReadOnlyList<SweptKey> Of(IReadOnlyList<JsonObject> trees)
    {
        Dictionary<string, string>[] leaves = [.. trees.Select(Leaves)];
        string[] keys =
        [
            .. leaves
                .SelectMany(one => one.Keys)
                .Distinct(StringComparer.Ordinal)
                .Where(key =>
                    leaves.Select(one => one.GetValueOrDefault(key, Absent)).Distinct(StringComparer.Ordinal).Count()
                    > 1
                ),
        ];
        return
        [
            .. keys.Select(key => new SweptKey(
                key,
                Label(key, keys),
                [.. leaves.Select(one => one.GetValueOrDefault(key, Absent))]
            )),
        ];
    }

    /// <summary>The number that a canonical JSON text is, or null.</summary>
    public static double? Number(string json) =>
        double.TryParse(json, System.Globalization.CultureInfo.InvariantCulture, out double value) ? value : null;

    /// <summary>A canonical JSON text for people: a path by its last part, a text without quotes.</summary>
    public static string Shown(string json) =>
        Number(json) is { } number ? Shown(number)
        : json.StartsWith('"') ? Path.GetFileName(JsonNode.Parse(json)!.GetValue<string>())
        : json.Replace("\"", "", StringComparison.Ordinal);

    /// <summary>What a setting is called: the swept keys that it has, with their values; null where nothing is swept.</summary>
    public static string? Label(IReadOnlyList<SweptKey> keys, int setting)
    {
        string[] parts =
        [
            .. keys.Where(key => key.Values[setting] != Absent)
                .Select(key => $"{key.Label} = {Shown(key.Values[setting])}"),
        ];
        return parts.Length == 0 ? null : string.Join(", ", parts);
    }

    private static string Shown(double number) =>
        Math.Abs(number) is > 0 and (< Small or >= Large)
            ? number.ToString("0.######e0", System.Globalization.CultureInfo.InvariantCulture)
            : number.ToString("G6", System.Globalization.CultureInfo.InvariantCulture);

    private static string Label(string key, string[] keys)
    {
        if (Names.TryGetValue(key, out string? name))
        {
            return name;
        }

        string last = Last(key);
        return keys.Count(other => Last(other) == last) == 1 ? last : key;

        static string Last(string path) => path[(path.LastIndexOf('.') + 1)..].Replace('-', ' ');
    }

    private static Dictionary<string, string> Leaves(JsonObject tree)
    {
        Dictionary<string, string> leaves = new(StringComparer.Ordinal);
        Collect(tree, string.Empty, leaves);
        return leaves;
    }

    private static void Collect(JsonObject tree, string path, Dictionary<string, string> leaves)
    {
        foreach ((string key, JsonNode? value) in tree)
        {
            if (path.Length == 0 && Ignored.Contains(key, StringComparer.Ordinal))
            {
                continue;
            }

            if (value is JsonObject inner)
            {
                Collect(inner, $"{path}{key}.", leaves);
            }
            else
            {
                leaves[path + key] = value is null ? "null" : SpecWriter.Canonical(value);
            }
        }
    }
}
