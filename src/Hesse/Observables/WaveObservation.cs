using Hesse.Backends;
using Hesse.Data;
using Hesse.Planning;
using Hesse.Replicas;
using Hesse.Stores;

namespace Hesse.Observables;

/// <summary>
/// Measures a wave of replicas along its training and keeps the values until the wave is written. A replica whose loss, or
/// whose parameters where they are read, are not finite is marked with the step; from there on its values are NaN. Settings that share
/// a wave differ in the numbers of the update rule alone, so what is due at a step is the same for all of its replicas.
/// </summary>
internal sealed class WaveObservation : IDisposable
{
    private readonly SettingPlan _plan;
    private readonly IReadOnlyList<int> _observed;
    private readonly IQuantity[] _quantities; // one an observation, with what they keep of this wave
    private readonly IBackend _backend;
    private readonly StageTimes _times;
    private readonly Action _pause;
    private readonly IReplicas _replicas;
    private readonly DataSet _training;
    private readonly DataSet? _test;
    private readonly WaveValues _values;
    private readonly double[] _initial; // (R,P) or empty
    private readonly WavePoints _points;
    private readonly BatchIndices _batches;
    private readonly double[] _loss; // (R)
    private readonly double[] _accuracy; // (R)
    private readonly double[] _testLoss; // (R)
    private volatile MeasurementProgress _progress;

    /// <summary>Begins a wave.</summary>
    /// <param name="plan">The setting, or one of those that share the wave.</param>
    /// <param name="observed">Numbers of the observations that are wanted.</param>
    /// <param name="backend">Computes.</param>
    /// <param name="replicas">The wave, at step 0.</param>
    /// <param name="knownBadSteps">What an earlier computation found, -1 for none. (R)</param>
    /// <param name="times">Where the time goes.</param>
    /// <param name="pause">Is called before every piece of a measurement; may save what is there, or throw to abandon the wave.</param>
    public WaveObservation(
        SettingPlan plan,
        IReadOnlyList<int> observed,
        IBackend backend,
        IReplicas replicas,
        ReadOnlySpan<long> knownBadSteps,
        StageTimes times,
        Action pause
    )
    {
        _plan = plan;
        _observed = observed;
        _backend = backend;
        _replicas = replicas;
        _times = times;
        _pause = pause;
        int count = replicas.Count;
        int p = plan.Network.ParameterCount;
        _training = replicas.Wave.Training();
        _test = replicas.Wave.Test();
        _loss = new double[count];
        _accuracy = new double[count];
        _testLoss = new double[count];
        _progress = new MeasurementProgress(count);
        _batches = new BatchIndices(plan.Setting.Spec.Seed, _training.Samples, plan.Setting.Spec.Training.Batch);
        _quantities = [.. observed.Select(i => plan.Quantities[i].ForWave(backend, replicas.Wave))];
        _points = new WavePoints(replicas, p, _quantities);
        _values = new WaveValues(observed.Select(i => plan.Layouts[i]), count);
        _initial = _quantities.Any(quantity => quantity.NeedsInitialParameters) ? new double[(long)count * p] : [];
        for (int r = 0; r < count && _initial.Length > 0; r++)
        {
            replicas.Wave.InitialPoint(r, _initial.AsSpan(r * p, p));
        }

        FirstBadSteps = knownBadSteps.ToArray();
    }

    /// <summary>Step at which each replica was found to have diverged, -1 for none. (R)</summary>
    public long[] FirstBadSteps { get; }

    /// <summary>Number of arrays of all observations.</summary>
    public int Arrays => _values.Arrays;

    /// <summary>The values of an array, in the order of the observations and their parts. (R, times, element shape)</summary>
    public ReadOnlySpan<double> Rows(int array) => _values.Rows(array);

    /// <summary>Those of consecutive replicas, to be filled from a checkpoint before <see cref="Continue"/>. (count, times, element shape)</summary>
    public Span<double> Rows(int array, int first, int count)
    {
        Span<double> rows = _values.WritableRows(array);
        int length = rows.Length / _replicas.Count;
        return rows.Slice(first * length, count * length);
    }

    /// <summary>How far the wave is measured.</summary>
    public MeasurementProgress Progress => _progress;

    /// <summary>
    /// The observations that keep something from one of their times to the next: their numbers in the wave, their names, and bytes for a
    /// replica of a wave that has come to this step, wherever this one is.
    /// </summary>
    public IEnumerable<(int Observation, string Name, int Bytes)> Keeping(int step) =>
        _quantities.Select((quantity, i) => (i, quantity.Name, BytesKept(i, step))).Where(one => one.Item3 > 0);

    /// <summary>What an observation kept of a replica when the wave was measured so far.</summary>
    public byte[] Kept(int observation, int replica, MeasurementProgress progress)
    {
        if (
            progress.Kept is { } before
            && before.Observation == observation
            && before.Of.TryGetValue(replica, out byte[]? kept)
        )
        {
            return kept;
        }

        using MemoryStream bytes = new();
        _quantities[observation].Transfer(replica, StateTransfer.To(bytes));
        return bytes.ToArray();
    }

    /// <summary>Gives it back to a new wave.</summary>
    public void GiveBack(int observation, int replica, byte[] kept)
    {
        using MemoryStream bytes = new(kept);
        _quantities[observation].Transfer(replica, StateTransfer.From(bytes));
    }

    /// <summary>Whether quantities look at neighbouring steps, so that the point <see cref="Before"/> belongs to a checkpoint.</summary>
    public bool KeepsEarlier => _points.KeepsPrevious;

    /// <summary>
    /// The point that the measurement of a part after this progress may look back at. Parts that a measurement has come to differ in it
    /// from those that it has finished with, and a part may go on without the others.
    /// </summary>
    public WavePoint Before(MeasurementProgress progress, WavePart part) =>
        _points.Now.Step == _replicas.Step && IsAhead(_replicas.Step, progress.PlaceOf(part.Offset, part.Range.Count))
            ? _points.Previous
            : _points.Now;

    /// <summary>The point that is to be filled from a checkpoint, with its step, when <see cref="KeepsEarlier"/>.</summary>
    public WavePoint EarlierToContinue => _points.Now;

    /// <summary>Goes on from a checkpoint of consecutive replicas.</summary>
    /// <param name="place">How far they are measured; the step is the same for all replicas of the wave.</param>
    /// <param name="first">Place of the first in the wave.</param>
    /// <param name="firstBadSteps">Theirs. (count)</param>
    public void Continue(MeasurementPlace place, int first, ReadOnlySpan<long> firstBadSteps)
    {
        _progress = _progress.Continued(place, first, firstBadSteps.Length);
        firstBadSteps.CopyTo(FirstBadSteps.AsSpan(first));
    }

    /// <summary>Whether the training has still to come to a step, or has come to it and not everything is measured there.</summary>
    public bool IsAhead(int step) => IsAhead(step, _progress.PlaceOf(0, _replicas.Count));

    /// <summary>Trains the wave, and what quantities train beside it.</summary>
    public void Advance(int steps)
    {
        _replicas.Advance(steps);
        for (int i = 0; i < _quantities.Length; i++)
        {
            _quantities[i].Advance(LastNeeded(i, _replicas.Step));
        }
    }

    /// <summary>
    /// Measures everything that is due at the replicas' step, and what waited for this step as the one after its own, or what a
    /// checkpoint left of that.
    /// </summary>
    /// <param name="last">Whether the training ends here: the parameters are looked at in any case.</param>
    public void Observe(bool last)
    {
        int step = _replicas.Step;
        (int Observation, int Time)[] due = Due(step);
        _progress = _progress.At(step);
        using (_times.Measure("loss"))
        {
            _replicas.LossAndAccuracy(_training, _loss, []);
        }

        bool read =
            last
            || due.Any(one => _quantities[one.Observation].NeedsParameters)
            || Enumerable.Range(0, _observed.Count).Any(i => IsNeighbour(i, step));
        if (read)
        {
            _points.Read();
        }

        MarkDiverged(step, read);
        for (int k = 0; k < due.Length; k++)
        {
            (int observation, int time) = due[k];
            int[] left = [.. Enumerable.Range(0, _replicas.Count).Where(r => !_progress.Has(r, k))];
            IQuantity quantity = _quantities[observation];
            using (_times.Measure(quantity.Name))
            {
                if (quantity.Neighbour > 0)
                {
                    Evaluate(observation, (k, time), left, PointBefore(step), _points.Now);
                }
                else
                {
                    bool looksBack = quantity.Neighbour < 0 && step > 0;
                    Evaluate(observation, (k, time), left, _points.Now, looksBack ? PointBefore(step) : null);
                }
            }
        }
    }

    /// <summary>The losses, which also tell who diverged: what a run computes at every step that it looks at, for a trial of its cost.</summary>
    public void MeasureLoss() => _replicas.LossAndAccuracy(_training, _loss, []);

    /// <summary>Measures the replicas as they are as if it were the observation's first step, for a trial of its cost.</summary>
    public void Measure(int observation)
    {
        IQuantity quantity = _quantities[observation];
        _points.Read();
        using (_times.Measure(quantity.Name))
        {
            int[] all = [.. Enumerable.Range(0, _replicas.Count)];
            Evaluate(observation, (0, 0), all, _points.Now, quantity.Neighbour == 0 ? null : _points.Now);
        }
    }

    /// <summary>Lets go of what the quantities keep.</summary>
    public void Dispose()
    {
        foreach (IDisposable kept in _quantities.OfType<IDisposable>())
        {
            kept.Dispose();
        }
    }

    // Whether the observation looks at this step from the one before or the one after.
    private bool IsNeighbour(int observation, int step) =>
        _quantities[observation].Neighbour switch
        {
            0 => false,
            < 0 => _values.TimeIndex(observation, step + 1) >= 0,
            _ => _values.TimeIndex(observation, step) >= 0,
        };

    private WavePoint PointBefore(int step) =>
        _points.Previous.Step == step - 1
            ? _points.Previous
            : throw new InvalidOperationException(
                $"step {step} is to be compared with the one before; the point kept is that of step {_points.Previous.Step}"
            );

    private void MarkDiverged(int step, bool parametersRead)
    {
        List<int> diverged = [];
        int p = _plan.Network.ParameterCount;
        for (int r = 0; r < _replicas.Count; r++)
        {
            bool bad =
                !double.IsFinite(_loss[r])
                || (
                    parametersRead
                    && _points
                        .Now.Parameters.AsSpan(r * p, p)
                        .ContainsAnyExceptInRange(double.MinValue, double.MaxValue)
                );
            if (bad && (FirstBadSteps[r] < 0 || FirstBadSteps[r] > step))
            {
                FirstBadSteps[r] = step;
            }

            if (FirstBadSteps[r] >= 0 && FirstBadSteps[r] <= step)
            {
                diverged.Add(r);
            }
        }

        _progress = _progress.Diverged(diverged);
    }

    // The observation is the Due-th of those due at this step, and has there the time of this index.
    private void Evaluate(
        int observation,
        (int Due, int Time) at,
        int[] replicas,
        WavePoint point,
        WavePoint? neighbour
    )
    {
        IQuantity quantity = _quantities[observation];
        ObservationLayout layout = _plan.Layouts[_observed[observation]];
        long elements = layout.ElementCount;
        int size = quantity.NeedsParameters
            ? Slices.Size(elements + layout.WorkSpace, Math.Max(_plan.Memory.Threads, _backend.Concurrency))
            : Math.Max(1, replicas.Length);
        double[] values = new double[Math.Min(size, replicas.Length) * elements];
        for (int first = 0, count; first < replicas.Length; first += count)
        {
            count = 1;
            while (
                count < size
                && first + count < replicas.Length
                && !(quantity.ReadsRule && IsOther(replicas[first], replicas[first + count]))
            )
            {
                count++;
            }

            ReadOnlySpan<int> slice = replicas.AsSpan(first, count);
            // A checkpoint may be written by another thread from here on.
            _progress = _progress.Measuring(KeptOf(observation, slice));
            _pause();
            Span<double> measured = values.AsSpan(0, count * (int)elements);
            quantity.Evaluate(Snapshot(slice, quantity, point, neighbour), measured);
            _values.Store(observation, at.Time, slice, measured);
            _progress = _progress.Measured(slice, at.Due);
        }
    }

    private bool IsAhead(int step, MeasurementPlace place) =>
        step > _replicas.Step || (step == _replicas.Step && (place.Step < step || place.Quantities < Due(step).Length));

    private bool IsOther(int replica, int next) => _replicas.Wave.GroupOf(replica) != _replicas.Wave.GroupOf(next);

    private int BytesKept(int observation, int step) =>
        StateTransfer.CountOf(
            transfer => _quantities[observation].Transfer(0, transfer),
            LastNeeded(observation, step)
        );

    // What is trained beside the wave goes no further than it is looked at.
    private int LastNeeded(int observation, int step) =>
        Math.Min(step, _plan.Layouts[_observed[observation]].Times[^1]);

    private KeptBefore? KeptOf(int observation, ReadOnlySpan<int> replicas)
    {
        if (BytesKept(observation, _replicas.Step) == 0)
        {
            return null;
        }

        Dictionary<int, byte[]> kept = [];
        MeasurementProgress now = _progress.Measuring(null);
        foreach (int replica in replicas)
        {
            kept[replica] = Kept(observation, replica, now);
        }

        return new KeptBefore(observation, kept);
    }

    private Snapshot Snapshot(ReadOnlySpan<int> replicas, IQuantity quantity, WavePoint point, WavePoint? neighbour)
    {
        int p = _plan.Network.ParameterCount;
        int[] chosen = replicas.ToArray();
        return new Snapshot
        {
            Backend = _backend,
            Network = _plan.Network,
            Replicas = chosen.Length,
            Seed = _plan.Setting.Spec.Seed,
            Step = quantity.NeedsParameters ? point.Step : _replicas.Step,
            ReplicaNumbers = [.. chosen.Select(replica => _replicas.Wave.Numbers[replica])],
            Places = chosen,
            Parameters = quantity.NeedsParameters ? Slices.Choose(point.Parameters, p, chosen) : default,
            NeighbourParameters = neighbour is null ? default : Slices.Choose(neighbour.Parameters, p, chosen),
            OptimizerState = quantity.NeedsOptimizerState
                ? Slices.Choose(point.State, p * _replicas.StateCount, chosen)
                : default,
            InitialParameters = quantity.NeedsInitialParameters ? Slices.Choose(_initial, p, chosen) : default,
            Training = quantity.NeedsParameters ? Slices.Choose(_training, chosen) : _training,
            Test = quantity.ReadsTestSamples && _test is not null ? Slices.Choose(_test, chosen) : null,
            Threads = _plan.Memory.Threads,
            Precision = _plan.Setting.Spec.ObservationPrecision,
            Problem = _replicas.Wave.ProblemOf(chosen[0]),
            Batches = _batches,
            InTraining =
                quantity.Neighbour > 0 ? null : (test, loss, accuracy) => LossAndAccuracy(test, chosen, loss, accuracy),
        };
    }

    private void LossAndAccuracy(bool test, int[] chosen, Span<double> loss, Span<double> accuracy)
    {
        double[] measured = test ? _testLoss : _loss;
        if (test || accuracy.Length > 0)
        {
            _replicas.LossAndAccuracy(test ? _test! : _training, measured, accuracy.Length > 0 ? _accuracy : []);
        }

        for (int i = 0; i < chosen.Length; i++)
        {
            if (loss.Length > 0)
            {
                loss[i] = measured[chosen[i]];
            }

            if (accuracy.Length > 0)
            {
                accuracy[i] = _accuracy[chosen[i]];
            }
        }
    }

    private (int Observation, int Time)[] Due(int step) =>
        [
            .. Enumerable
                .Range(0, _observed.Count)
                .Select(i => (i, _values.TimeIndex(i, step - Math.Max(0, _quantities[i].Neighbour))))
                .Where(one => one.Item2 >= 0),
        ];
}
