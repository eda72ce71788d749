using Hesse.Backends;
using Hesse.Specs;

namespace Hesse.Planning;

/// <summary>What a run would take, from counts and a trial of a second or two with the first setting. Writes nothing.</summary>
public sealed record RunEstimate
{
    /// <summary>Folder names of the settings.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>p of the first setting.</summary>
    public required int Parameters { get; init; }

    /// <summary>Replicas trained at once, of one setting or of several: the largest wave.</summary>
    public required int WaveSize { get; init; }

    /// <summary>Bytes of a wave with its work space, the largest of all settings.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Bytes of chunks and merged arrays of all settings.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>What computes.</summary>
    public required string Backend { get; init; }

    /// <summary>Seconds of each stage over all settings.</summary>
    public required IReadOnlyList<KeyValuePair<string, double>> Stages { get; init; }

    /// <summary>Seconds of all stages.</summary>
    public double Seconds => Stages.Sum(stage => stage.Value);

    /// <summary>Plans and tries.</summary>
    /// <exception cref="HesseException">As for a run.</exception>
    public static RunEstimate Of(Spec spec, RunOptions options, CancellationToken stop = default)
    {
        Plan plan = Plan.Of(spec, options);
        using IBackend backend = BackendSelector.Open(
            options.Backend,
            options.ThreadCount,
            options.Devices,
            options.Notice
        );
        SettingPlan first = plan.Settings[0];
        return new RunEstimate
        {
            Settings = [.. plan.Settings.Select(setting => setting.Setting.Slug)],
            Parameters = first.Network.ParameterCount,
            WaveSize = plan.Settings.Max(setting => plan.WaveOf(setting, backend)),
            MemoryBytes = plan.Settings.Max(setting => setting.Memory.BytesFor(plan.WaveOf(setting, backend))),
            DiskBytes = plan.Settings.Sum(setting => 2 * setting.StoredBytes),
            Backend = backend.Name,
            Stages = new Trial(plan, backend, stop).Stages(),
        };
    }
}
