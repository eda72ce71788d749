using Hesse.Backends;
using Hesse.Observables;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>
/// A chunk that is being computed, in one wave or in several: its files, and its checkpoint, from which it goes on where there is one.
/// The numbers do not depend on where that was.
/// </summary>
internal sealed class ChunkInWork : IDisposable
{
    private readonly RunState _state;
    private readonly CheckpointStore _store;
    private readonly CheckpointContent _content;
    private readonly CheckpointFolder? _found;
    private readonly long[] _known;
    private ChunkWriter? _writer; // from the first finished replicas on
    private long _saved;

    /// <summary>Looks for a checkpoint of a chunk.</summary>
    /// <exception cref="HesseException">73: there is one that another backend, version or experiment left.</exception>
    public ChunkInWork(SettingInWork setting, ChunkWork work, RunState state)
    {
        Setting = setting;
        Work = work;
        _state = state;
        _content = new CheckpointContent(Plan, work, state);
        _store = setting.Folder.CheckpointsOf(work.Range);
        _saved = state.Options.Clock.GetTimestamp();
        _known = setting.Folder.KnownBadSteps(work);
        if (state.Options.Force)
        {
            _store.Clear();
        }
        else if (_store.Newest(setting.Folder.Repairs) is { } found && IsOfThisWork(found))
        {
            _found = found;
        }
    }

    /// <summary>The setting.</summary>
    public SettingInWork Setting { get; }

    /// <summary>What is to be computed.</summary>
    public ChunkWork Work { get; }

    /// <summary>The plan of the setting.</summary>
    public SettingPlan Plan => Setting.Plan;

    /// <summary>Whether it is time for a checkpoint.</summary>
    public bool IsDue => _state.Options.Clock.GetElapsedTime(_saved) >= _state.Options.CheckpointEvery;

    /// <summary>Whether a piece is finished that neither a checkpoint nor a commit holds.</summary>
    public bool HasUnsaved { get; private set; }

    /// <summary>The replicas that are to be computed, in pieces that fit into memory. Those that a checkpoint has finished are written at once.</summary>
    public IEnumerable<ReplicaRange> Pieces()
    {
        ReplicaRange rest = Work.Range;
        if (_found?.Record is { } record)
        {
            int finished = record.WaveFirst - record.First;
            IReadOnlyList<ArrayLayout> layouts = Plan.LayoutsOf(Work.Observed);
            for (int i = 0; i < layouts.Count && finished > 0; i++)
            {
                Writer().AppendFrom(i, _found.PathOf(layouts[i]), finished);
            }

            // With less memory than before the wave in work begins again in smaller pieces.
            rest = new ReplicaRange(record.WaveFirst, Work.Range.End - record.WaveFirst);
            if (Fits(record))
            {
                yield return new ReplicaRange(record.WaveFirst, record.WaveCount);
                rest = new ReplicaRange(rest.First + record.WaveCount, rest.Count - record.WaveCount);
            }
        }

        foreach (ReplicaRange piece in rest.Split(Plan.Memory.WaveSize))
        {
            yield return piece;
        }
    }

    /// <summary>Where the training of a piece begins: steps that pieces must have in common to share a wave. -1 for none.</summary>
    public (int Step, int Measured, int Earlier) Start(ReplicaRange piece) =>
        Continues(piece) && _found!.Record is var record
            ? (record.Step, record.MeasuredStep, record.EarlierStep ?? -1)
            : (0, -1, -1);

    /// <summary>What an earlier computation knows of diverged replicas of a piece; -1 where nothing. (count)</summary>
    public ReadOnlySpan<long> KnownBadSteps(ReplicaRange piece) =>
        _known.AsSpan(piece.First - Work.Range.First, piece.Count);

    /// <summary>Puts a piece where its checkpoint was, if it has one.</summary>
    public void Restore(WavePart part, IReplicas replicas, WaveObservation observation)
    {
        if (Continues(part.Range))
        {
            _content.Restore(_found!, part, replicas, observation);
        }
    }

    /// <summary>Saves a piece in work, if there is anything new.</summary>
    /// <param name="part">The piece.</param>
    /// <param name="replicas">The wave.</param>
    /// <param name="observation">Its measurement.</param>
    /// <param name="progress">How far that has come. It may go on meanwhile: what lies behind this is measured again.</param>
    /// <param name="reading">Is held by the one of those who save chunks of the wave that reads its numbers.</param>
    public void Save(
        WavePart part,
        IReplicas replicas,
        WaveObservation observation,
        MeasurementProgress progress,
        Lock reading
    )
    {
        CheckpointRecord header;
        SavedArray[] arrays;
        lock (reading)
        {
            _saved = _state.Options.Clock.GetTimestamp();
            MeasurementPlace place = progress.PlaceOf(part.Offset, part.Range.Count);
            if (part.Range.First == Work.Range.First && replicas.Step == 0 && place is { Quantities: 0, Replicas: 0 })
            {
                return;
            }

            header = _content.Header(part, replicas, observation, progress);
            arrays = [.. _content.Arrays(part, _writer, replicas, observation, progress)];
        }

        HasUnsaved = false;
        _store.Write(header, arrays, reading);
    }

    /// <summary>Writes the values of a piece, and commits the chunk when it was the last.</summary>
    public void Finish(WavePart part, WaveObservation observation)
    {
        (int offset, int count) = (part.Offset, part.Range.Count);
        for (int i = 0; i < observation.Arrays; i++)
        {
            Writer().Append<double>(i, observation.Rows(i, offset, count));
        }

        Writer().Append<long>(observation.Arrays, observation.FirstBadSteps.AsSpan(offset, count));
        HasUnsaved = part.Range.End < Work.Range.End;
        if (!HasUnsaved)
        {
            Writer().Commit(Plan.Provenance(_state.Backend));
            Setting.Folder.Committed(Work.Range);
            _store.Clear();
            _state.Committed(Plan, Work);
            Setting.Committed();
        }
    }

    /// <summary>Closes the files; what was not committed is swept when the folder is closed.</summary>
    public void Dispose() => _writer?.Dispose();

    private ChunkWriter Writer() => _writer ??= Setting.Folder.Begin(Work, Plan.LayoutsOf(Work.Observed));

    private bool Fits(CheckpointRecord record) => record.WaveCount <= Plan.Memory.WaveSize;

    private bool Continues(ReplicaRange piece) =>
        _found?.Record is { } record && Fits(record) && record.WaveFirst == piece.First;

    private bool IsOfThisWork(CheckpointFolder found)
    {
        CheckpointRecord record = found.Record;
        ManifestRecord wanted = Plan.Manifest(_state.Backend, _state.Options);
        Coverage.RequireSameOrigin(found.Path, Origin.Of(record), Origin.Of(wanted));
        return record.First == Work.Range.First
            && record.Count == Work.Range.Count
            && record.Observed.Count == Work.Observed.Count
            && record.Observed.Zip(Work.Observed, (saved, i) => saved.IsSame(wanted.Observed[i])).All(same => same);
    }
}
