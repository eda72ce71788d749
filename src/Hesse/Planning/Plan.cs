using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Planning;

/// <summary>An experiment with every setting resolved: what will be trained, measured and stored. Making it writes nothing.</summary>
internal sealed class Plan
{
    private Plan(IReadOnlyList<SettingPlan> settings) => Settings = settings;

    /// <summary>The settings in the order of the sweep; one without a sweep.</summary>
    public IReadOnlyList<SettingPlan> Settings { get; }

    /// <summary>Replicas of one setting.</summary>
    public int Replicas => Settings[0].Setting.Spec.Replicas;

    /// <summary>Opens the data of every setting and checks that everything fits together.</summary>
    /// <exception cref="HesseException">65, 66, 71: with the reason.</exception>
    public static Plan Of(Spec spec, RunOptions options)
    {
        // Settings that differ elsewhere share their data.
        Dictionary<(DataSpec, ulong, Precision), IDataSource> sources = [];
        List<SettingPlan> settings = [];
        foreach (SweepSetting setting in SweepExpansion.Expand(spec))
        {
            (DataSpec, ulong, Precision) key = (setting.Spec.Data, setting.Spec.Seed, setting.Spec.Precision);
            if (!sources.TryGetValue(key, out IDataSource? source))
            {
                source = options.Data ?? DataSources.Open(setting.Spec);
                sources.Add(key, source);
            }

            settings.Add(new SettingPlan(setting, source, options));
        }

        return new Plan(settings);
    }
}
