using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Planning;

/// <summary>An experiment with every setting resolved: what will be trained, measured and stored. Making it writes nothing.</summary>
internal sealed class Plan
{
    private readonly int[] _following; // how many settings that follow each other share waves with each one, itself included

    private Plan(IReadOnlyList<SettingPlan> settings)
    {
        Settings = settings;
        _following = new int[settings.Count];
        for (int first = 0, end; first < settings.Count; first = end)
        {
            end = first + 1;
            while (end < settings.Count && settings[first].SharesWavesWith(settings[end]))
            {
                end++;
            }

            Array.Fill(_following, end - first, first, end - first);
        }
    }

    /// <summary>The settings in the order of the sweep; one without a sweep.</summary>
    public IReadOnlyList<SettingPlan> Settings { get; }

    /// <summary>Replicas of one setting.</summary>
    public int Replicas => Settings[0].Setting.Spec.Replicas;

    /// <summary>
    /// Replicas of the first wave that takes a setting or those that it shares waves with, when none of them is there yet: as
    /// <see cref="WaveQueue"/> packs them.
    /// </summary>
    public int WaveOf(SettingPlan setting, IBackend backend)
    {
        int chunk = Math.Min(Replicas, ReplicaRange.BlockSize);
        if (setting.Memory.WaveSize < chunk)
        {
            return setting.Memory.WaveSize;
        }

        // Settings that follow each other share waves: as many as fit, and of the next one whole chunks.
        int together = setting.Memory.Together(backend);
        int most = Math.Min(_following[setting.Index], WaveQueue.MostSettings);
        int whole = Math.Min(most, together / Replicas);
        int rest = whole < most ? (together - (whole * Replicas)) / chunk * chunk : 0;
        return Math.Max(chunk, (whole * Replicas) + rest);
    }

    /// <summary>Opens the data of every setting and checks that everything fits together.</summary>
    /// <exception cref="HesseException">65, 66, 71: with the reason.</exception>
    public static Plan Of(Spec spec, RunOptions options)
    {
        // Settings that differ elsewhere share their data.
        Dictionary<(string, ulong, Precision), IDataSource> sources = [];
        List<SettingPlan> settings = [];
        foreach (SweepSetting setting in SweepExpansion.Expand(spec))
        {
            string data = DataKinds.All.Write(setting.Spec.Data)!.ToJsonString();
            (string, ulong, Precision) key = (data, setting.Spec.Seed, setting.Spec.Precision);
            if (!sources.TryGetValue(key, out IDataSource? source))
            {
                source = options.Data ?? DataSources.Open(setting.Spec);
                sources.Add(key, source);
            }

            settings.Add(new SettingPlan(settings.Count, setting, source, options));
        }

        return new Plan(settings);
    }
}
