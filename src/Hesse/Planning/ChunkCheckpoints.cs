using Hesse.Backends;
using Hesse.Observables;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>
/// Saves a chunk in work every so often and when the run is to stop, and continues it where the last checkpoint was: values of the
/// finished replicas, and of the wave in work its values so far, its state and the place in the training and in the measurements.
/// The numbers do not depend on where that was.
/// </summary>
internal sealed class ChunkCheckpoints : IDisposable
{
    // A stop that the computation has not heard by then is in the middle of a long measurement, whose begin can be saved.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private readonly SettingPlan _plan;
    private readonly ChunkWork _work;
    private readonly ChunkWriter _writer;
    private readonly CheckpointContent _content;
    private readonly RunState _state;
    private readonly CheckpointStore _store;
    private readonly CheckpointFolder? _found;
    private readonly IReadOnlyList<ArrayLayout> _layouts;
    private readonly Lock _saving = new();
    private readonly CancellationTokenRegistration _stop;
    private ITimer? _patience;
    private IReplicas? _replicas;
    private WaveObservation? _observation;
    private long _saved;
    private bool _measuring;

    /// <summary>Looks for a checkpoint of a chunk.</summary>
    /// <exception cref="HesseException">73: there is one that another backend, version or experiment left.</exception>
    public ChunkCheckpoints(SettingPlan plan, ChunkWork work, ResultFolder folder, ChunkWriter writer, RunState state)
    {
        _plan = plan;
        _work = work;
        _writer = writer;
        _content = new CheckpointContent(plan, work, writer, state);
        _state = state;
        _store = folder.Checkpoints;
        _layouts = plan.LayoutsOf(work.Observed);
        _saved = state.Options.Clock.GetTimestamp();
        if (state.Options.Force)
        {
            _store.Clear();
        }
        else if (_store.Newest(folder.Repairs) is { } found && IsOfThisWork(found))
        {
            _found = found;
        }

        _stop = state.Stop.Register(() =>
            _patience = state.Options.Clock.CreateTimer(
                _ => SaveWhileMeasuring(),
                null,
                Patience,
                Timeout.InfiniteTimeSpan
            )
        );
    }

    /// <summary>The waves that are to be computed. Replicas that a checkpoint has finished are written at once.</summary>
    public IEnumerable<ReplicaRange> Waves()
    {
        ReplicaRange rest = _work.Range;
        if (_found?.Record is { } record)
        {
            int finished = record.WaveFirst - record.First;
            for (int i = 0; i < _layouts.Count && finished > 0; i++)
            {
                _writer.AppendFrom(i, _found.PathOf(_layouts[i]), finished);
            }

            // With less memory than before the wave in work begins again in smaller pieces.
            rest = new ReplicaRange(record.WaveFirst, _work.Range.End - record.WaveFirst);
            if (Continues(record))
            {
                yield return new ReplicaRange(record.WaveFirst, record.WaveCount);
                rest = new ReplicaRange(rest.First + record.WaveCount, rest.Count - record.WaveCount);
            }
        }

        foreach (ReplicaRange wave in rest.Split(_plan.Memory.WaveSize))
        {
            yield return wave;
        }
    }

    /// <summary>Takes a wave into care, and puts it where the checkpoint was if it is the checkpoint's.</summary>
    public void Begin(IReplicas replicas, WaveObservation observation)
    {
        if (_found?.Record is { } record && record.WaveFirst == replicas.First && Continues(record))
        {
            _content.Restore(_found, replicas, observation);
        }

        lock (_saving)
        {
            (_replicas, _observation) = (replicas, observation);
        }
    }

    /// <summary>Lets the wave go: its values are handed over.</summary>
    public void End()
    {
        lock (_saving)
        {
            (_replicas, _observation) = (null, null);
        }
    }

    /// <summary>Is called between two pieces of the computation: saves when it is time, and leaves when the run is to stop.</summary>
    /// <param name="measuring">Whether the next piece changes nothing but the measurement that comes next.</param>
    /// <exception cref="OperationCanceledException">The run is to stop; what can be saved is saved.</exception>
    public void Pause(bool measuring)
    {
        lock (_saving)
        {
            _measuring = false;
            TimeProvider clock = _state.Options.Clock;
            // Asked once: a stop that comes after this is heard at the next pause, and finds its checkpoint written.
            bool stopped = _state.Stopped;
            if (stopped || clock.GetElapsedTime(_saved) >= _state.Options.CheckpointEvery)
            {
                using IDisposable measured = _state.Times.Measure("checkpoints");
                Save();
            }

            if (stopped)
            {
                throw new OperationCanceledException(_state.Stop);
            }

            _measuring = measuring;
        }
    }

    /// <summary>The chunk is committed.</summary>
    public void Clear() => _store.Clear();

    public void Dispose()
    {
        _stop.Dispose();
        _patience?.Dispose();
        End();
    }

    private bool Continues(CheckpointRecord record) => record.WaveCount <= _plan.Memory.WaveSize;

    private bool IsOfThisWork(CheckpointFolder found)
    {
        CheckpointRecord record = found.Record;
        ManifestRecord wanted = _plan.Manifest(_state.Backend, _state.Options);
        Coverage.RequireSameOrigin(found.Path, Origin.Of(record), Origin.Of(wanted));
        return record.First == _work.Range.First
            && record.Count == _work.Range.Count
            && record.Observed.Count == _work.Observed.Count
            && record.Observed.Zip(_work.Observed, (saved, i) => saved.IsSame(wanted.Observed[i])).All(same => same);
    }

    private void Save()
    {
        if (_replicas is not { } replicas || _observation is not { } observation)
        {
            return;
        }

        int finished = replicas.First - _work.Range.First;
        // A measurement may go on meanwhile: what it measures now lies behind this place and is measured again.
        MeasurementPlace place = observation.Place;
        _saved = _state.Options.Clock.GetTimestamp();
        if (finished > 0 || replicas.Step > 0 || place is not { Quantities: 0, Replicas: 0 })
        {
            _store.Write(_content.Header(replicas, observation, place), _content.Arrays(replicas, observation, place));
        }
    }

    // On a timer's thread, while the computation is in a measurement that writes only what will be measured again.
    private void SaveWhileMeasuring()
    {
        lock (_saving)
        {
            if (_measuring)
            {
                Save();
            }
        }
    }
}
