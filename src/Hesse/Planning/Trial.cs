using System.Diagnostics;
using System.Security.Cryptography;
using Hesse.Backends;
using Hesse.Observables;
using Hesse.Statistics;

namespace Hesse.Planning;

/// <summary>
/// Rates of this machine, measured on the experiment itself: every stage is done a few times as a run does it, on a whole wave where
/// that is quick (then fixed costs and caches are those of the run), otherwise on a block of lanes or on two replicas a thread, whose time is scaled. What is
/// longer than a moment is measured once after a warm-up. Writes nothing.
/// </summary>
internal sealed class Trial
{
    // Long enough to be told from the clock's grain and the neighbours' work, short enough to wait for.
    private const double StageSeconds = 0.15;

    // Longest time that a stage is given in which the process hardly works.
    private const double PatientSeconds = 1.5;

    // A stage whose warm-up took this long is taken at its word: compiling is a small part of it.
    private const double LongSeconds = 2;

    private const int Lanes = 16;
    private const int TileColumns = 48;
    private const int TileRows = 4096;

    private readonly Plan _whole;
    private readonly SettingPlan _plan; // the first setting stands for all
    private readonly IBackend _backend;
    private readonly CancellationToken _stop;
    private readonly int _wave;
    private readonly int _block; // a block of lanes for every thread: fewer replicas would train in the same time
    private readonly int _few;
    private readonly int _observed; // steps at which a run looks at the replicas, the last one in any case

    public Trial(Plan whole, IBackend backend, CancellationToken stop)
    {
        _whole = whole;
        _plan = whole.Settings[0];
        _backend = backend;
        _stop = stop;
        int threads = Math.Max(_plan.Memory.Threads, backend.Concurrency);
        // Waves of several chunks cost what their chunks do.
        _wave = Math.Min(whole.WaveOf(_plan, backend), ReplicaRange.BlockSize);
        _block = Math.Min(_wave, Lanes * threads);
        _few = Math.Min(_wave, 2 * threads);
        _observed = _plan.StepsOf([.. Enumerable.Range(0, _plan.Quantities.Count)], toTheEnd: true).Count;
    }

    /// <summary>Seconds of each stage for all replicas of all settings.</summary>
    public List<KeyValuePair<string, double>> Stages()
    {
        double replicas = (double)_whole.Replicas * _whole.Settings.Count;
        int steps = _plan.Setting.Spec.Training.Steps;
        using IReplicas block = Replicas(_block);
        double step = SecondsOfOneStep(block, steps) / _block;
        using IReplicas wave = Replicas(_wave);
        step = _wave > _block && IsQuick(step, _wave) ? SecondsOfOneStep(wave, steps) / _wave : step;
        using IReplicas few = Replicas(_few);
        SecondsOfOneStep(few, steps);
        int trained = 1 + _plan.Quantities.Sum(quantity => quantity.Companions);
        List<KeyValuePair<string, double>> stages = [new("training", trained * step * steps * replicas)];
        double loss = Seconds(block, block, wave, [], observation => observation.MeasureLoss());
        stages.Add(new("loss", loss * _observed * replicas));
        for (int i = 0; i < _plan.Quantities.Count; i++)
        {
            // Its numbers are there already.
            if (_plan.Quantities[i].Name != "loss")
            {
                double one = Seconds(few, block, wave, [i], observation => observation.Measure(0));
                stages.Add(new(_plan.Quantities[i].Name, one * _plan.Layouts[i].Times.Count * replicas));
            }
        }

        double share = replicas / _plan.Setting.Spec.Replicas;
        double bytes = _plan.StoredBytes / BytesPerSecond() * share;
        stages.Add(new("writing", bytes));
        // Chunks are read and arrays written.
        stages.Add(new("merging and statistics", (2 * bytes) + (Statistics() * share)));
        return stages;
    }

    // Of several settings where those of the run are.
    private IReplicas Replicas(int count)
    {
        int own = Math.Min(_whole.Replicas, count);
        return _backend.CreateReplicas(
            new Wave([
                .. _whole
                    .Settings.Where(_plan.SharesWavesWith)
                    .Take((count + own - 1) / own)
                    .Select((setting, i) => new ReplicaGroup(setting.Problem, 0, Math.Min(own, count - (i * own)))),
            ])
        );
    }

    // Whether so many replicas are quick, too, when one of some takes so long.
    private static bool IsQuick(double seconds, int replicas) => seconds * replicas < 2 * StageSeconds;

    // Of one replica, among as many others as can be had quickly: spectra of several share registers.
    private double Seconds(
        IReplicas few,
        IReplicas block,
        IReplicas wave,
        int[] observed,
        Action<WaveObservation> measure
    )
    {
        double seconds = SecondsOfOneMeasurement(few, observed, measure) / few.Count;
        IReplicas most =
            IsQuick(seconds, wave.Count) ? wave
            : IsQuick(seconds, block.Count) ? block
            : few;
        return most.Count > few.Count ? SecondsOfOneMeasurement(most, observed, measure) / most.Count : seconds;
    }

    private double SecondsOfOneMeasurement(IReplicas replicas, int[] observed, Action<WaveObservation> measure)
    {
        long[] none = new long[replicas.Count];
        Array.Fill(none, -1);
        using WaveObservation observation = new(
            _plan,
            observed,
            _backend,
            replicas,
            none,
            new StageTimes(),
            _stop.ThrowIfCancellationRequested
        );
        return MedianSeconds(() => measure(observation));
    }

    /// <summary>A step's share of calls as a run makes them: from one observed step to the next.</summary>
    private double SecondsOfOneStep(IReplicas replicas, int steps)
    {
        int gap = Math.Max(1, steps / _observed);
        int calls = 1;
        double seconds = 0;
        double worked = 0;
        double step = 0;
        // The last and longest round counts: the first ones pay for compiling. On a machine where this process rarely has its turn, a
        // round's length is the wait for the next turn, so it must also have worked for a while, unless a device does the work.
        while ((seconds < StageSeconds || (worked < StageSeconds && seconds < PatientSeconds)) && replicas.Step < steps)
        {
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            int before = replicas.Step;
            for (int call = 0; call < calls && replicas.Step < steps; call++)
            {
                _stop.ThrowIfCancellationRequested();
                replicas.Advance(Math.Min(gap, steps - replicas.Step));
            }

            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            worked = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
            step = seconds / (replicas.Step - before);
            calls = Math.Min(2 * calls, Math.Max(1, (steps - replicas.Step) / gap));
        }

        return step;
    }

    /// <summary>Seconds that the tables of all replicas take: quantiles and resamples of every number.</summary>
    private double Statistics()
    {
        int replicas = _plan.Setting.Spec.Replicas;
        int rows = Math.Min(replicas, TileRows);
        long columns = _plan
            .Layouts.SelectMany(layout => layout.Arrays)
            .Where(array => SummaryTable.Summarises(array.ElementShape.Count, array.ElementCount))
            .Sum(array => array.RowLength);
        Random random = new(1);
        double[] values = [.. Enumerable.Range(0, rows * TileColumns).Select(_ => random.NextDouble())];
        IReadOnlyList<double> levels = _plan.Setting.Spec.Statistics.Quantiles;
        Bootstrap bootstrap = new(1, rows);
        double tile = MedianSeconds(() =>
            ReplicaStatistics.Summarise(values, TileColumns, levels, bootstrap, threads: 1)
        );
        double threads = Math.Min(_plan.Memory.Threads, Math.Ceiling(columns / (double)TileColumns));
        return tile / TileColumns * columns / Math.Max(1, threads) * replicas / rows;
    }

    // Every byte on its way to the disk passes through the checksums, which take longer than the copy.
    private static double BytesPerSecond()
    {
        byte[] bytes = new byte[4 << 20];
        return bytes.Length / MedianSeconds(() => SHA256.HashData(bytes));
    }

    private static double MedianSeconds(Action work)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long begun = Stopwatch.GetTimestamp();
        work();
        double first = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        double worked = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        // A first time that was mostly waiting for the processor says little.
        if (first > LongSeconds && worked > first / 2)
        {
            return first;
        }

        List<double> seconds = [];
        processor = Environment.CpuUsage.TotalTime;
        do
        {
            long start = Stopwatch.GetTimestamp();
            work();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            worked = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        } while (seconds.Sum() < StageSeconds || (worked < StageSeconds && seconds.Sum() < PatientSeconds));

        seconds.Sort();
        return seconds[seconds.Count / 2];
    }
}
