using System.Text;
using System.Text.Json.Nodes;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>One experiment to a folder DIR/name/: a reader of it compares what lies there.</summary>
internal static class ExperimentFolder
{
    /// <summary>
    /// Refuses a sweep in the folder of a single experiment, a single experiment in that of a sweep, and a sweep in that of another one.
    /// A sweep with more or fewer values of the same keys is the same one.
    /// </summary>
    /// <exception cref="HesseException">73: the folder belongs to another experiment.</exception>
    public static void Require(Plan plan, RunOptions options)
    {
        SweepSetting first = plan.Settings[0].Setting;
        string folder = Path.GetFullPath(Path.Combine(options.Output, first.Spec.Name));
        if (first.Slug.Length == 0)
        {
            string temporary = new ResultPaths(folder, Shard.Whole).AllTemporary;
            if (Stored(folder).FirstOrDefault(setting => setting != temporary) is { } swept)
            {
                throw Refused(swept, "belongs to a sweep of the same name");
            }

            return;
        }

        if (HasManifest(folder))
        {
            throw Refused(folder, "belongs to an experiment without a sweep of the same name");
        }

        HashSet<string> own = [.. plan.Settings.Select(setting => setting.Setting.Slug)];
        string[] keys = [.. first.Values.Select(value => value.Key)];
        Dictionary<string, string>[] ours = [];
        foreach (string other in Stored(folder).Where(path => !own.Contains(Path.GetFileName(path))))
        {
            ours = ours.Length > 0 ? ours : [.. plan.Settings.Select(setting => Fixed(setting.Setting.Spec, keys))];
            if (TrySpec(options.Files, other) is { } there)
            {
                RequireSame(other, Fixed(there, keys), ours, keys);
            }
        }

        IEnumerable<string> Stored(string place) =>
            options.Files.FolderExists(place)
                ? options.Files.Folders(place).Select(name => Path.Combine(place, name)).Where(HasManifest)
                : [];

        bool HasManifest(string place) => options.Files.FileExists(new ResultPaths(place, Shard.Whole).Manifest);
    }

    private static void RequireSame(
        string other,
        Dictionary<string, string> there,
        Dictionary<string, string>[] ours,
        string[] keys
    )
    {
        string? different = null;
        foreach (Dictionary<string, string> here in ours)
        {
            different = there
                .Keys.Union(here.Keys)
                .FirstOrDefault(key => there.GetValueOrDefault(key) != here.GetValueOrDefault(key));
            if (different is null)
            {
                return;
            }
        }

        string stored = there.GetValueOrDefault(different!, "absent");
        string wanted = ours[^1].GetValueOrDefault(different!, "absent");
        throw Refused(
            other,
            $"is a setting of another sweep: {different} is {stored} there, {wanted} here, and this sweep is over {string.Join(", ", keys)}"
        );
    }

    /// <summary>Dotted keys with their values, of all that determines numbers but what is swept.</summary>
    private static Dictionary<string, string> Fixed(Spec spec, string[] swept)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        Add(SpecWriter.Determining(spec), string.Empty);
        return values;

        void Add(JsonNode? node, string key)
        {
            if (swept.Contains(key))
            {
                return;
            }

            if (node is not JsonObject section)
            {
                values[key] = node?.ToJsonString() ?? "nothing";
                return;
            }

            foreach ((string name, JsonNode? value) in section)
            {
                Add(value, key.Length == 0 ? name : $"{key}.{name}");
            }
        }
    }

    /// <summary>The spec of a stored setting; null for one that is being written or is damaged, which `verify` tells.</summary>
    private static Spec? TrySpec(IFiles files, string folder)
    {
        string path = new ResultPaths(folder, Shard.Whole).Spec;
        if (!files.FileExists(path))
        {
            return null;
        }

        using StreamReader reader = new(files.Open(path), Encoding.UTF8);
        try
        {
            return SpecReader.Parse(Encoding.UTF8.GetBytes(reader.ReadToEnd()), SpecFormat.Json, path, folder);
        }
        catch (HesseException)
        {
            return null;
        }
    }

    private static HesseException Refused(string folder, string reason) =>
        new(ExitCode.OutputBusy, $"{folder} {reason}; choose another name or --out");
}
