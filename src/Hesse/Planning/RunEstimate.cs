using System.Diagnostics;
using Hesse.Backends;
using Hesse.Observables;
using Hesse.Specs;

namespace Hesse.Planning;

/// <summary>What a run would take, from counts and a trial of a second or two with the first setting. Writes nothing.</summary>
public sealed record RunEstimate
{
    // Long enough to be told from the clock's grain and the compiler's warm-up, short enough to wait for.
    private const double TrialSeconds = 0.3;
    private const int TrialReplicas = 32;

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
            Stages = Try(plan, backend, stop),
        };
    }

    private static List<KeyValuePair<string, double>> Try(Plan whole, IBackend backend, CancellationToken stop)
    {
        SettingPlan plan = whole.Settings[0];
        double replicas = (double)whole.Replicas * whole.Settings.Count;
        int count = Math.Min(TrialReplicas, whole.WaveOf(plan, backend));
        int own = Math.Min(whole.Replicas, count);
        // A wave like those of the run: where its replicas are of several settings, the trial's are too.
        IEnumerable<ReplicaGroup> groups = whole
            .Settings.Where(plan.SharesWavesWith)
            .Take((count + own - 1) / own)
            .Select((setting, i) => new ReplicaGroup(setting.Problem, 0, Math.Min(own, count - (i * own))));
        using IReplicas wave = backend.CreateReplicas(new Wave([.. groups]));
        int steps = plan.Setting.Spec.Training.Steps;
        double step = SecondsOfOneStep(wave, steps, stop);
        int trained = 1 + plan.Quantities.Sum(quantity => quantity.Companions);
        List<KeyValuePair<string, double>> stages = [new("training", trained * step / count * steps * replicas)];
        for (int i = 0; i < plan.Quantities.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            long[] none = new long[count];
            Array.Fill(none, -1);
            IReadOnlyList<int> one = [i];
            using WaveObservation observation = new(
                plan,
                one,
                backend,
                wave,
                none,
                new StageTimes(),
                stop.ThrowIfCancellationRequested
            );
            double seconds = SecondsOfOneMeasurement(observation);
            stages.Add(new(plan.Quantities[i].Name, seconds / count * plan.Layouts[i].Times.Count * replicas));
        }

        return stages;
    }

    /// <summary>The quickest of a few: the first one pays for compiling.</summary>
    private static double SecondsOfOneMeasurement(WaveObservation observation)
    {
        double least = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        while (double.IsInfinity(least) || Stopwatch.GetElapsedTime(start).TotalSeconds < TrialSeconds)
        {
            long begun = Stopwatch.GetTimestamp();
            observation.Measure(0);
            least = Math.Min(least, Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }

        return least;
    }

    private static double SecondsOfOneStep(IReplicas wave, int steps, CancellationToken stop)
    {
        int made = 0;
        int piece = 1;
        double seconds = 0;
        while (seconds < TrialSeconds && made < steps)
        {
            stop.ThrowIfCancellationRequested();
            piece = Math.Min(2 * piece, steps - made);
            long start = Stopwatch.GetTimestamp();
            wave.Advance(piece);
            // The last and longest piece counts: the first ones pay for compiling.
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            made += piece;
        }

        return made == 0 ? 0 : seconds / piece;
    }
}
