using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>
/// Opens the settings one after the other and packs their missing chunks into waves: chunks of settings that differ in the numbers of
/// their update rule alone, until the wave is as large as it should be. A setting is finished and closed with its last chunk.
/// </summary>
internal sealed class WaveQueue(Plan plan, RunState state) : IDisposable
{
    /// <summary>Settings of a wave. Each open folder holds a lock; systems that allow few open files allow some thousands.</summary>
    public const int MostSettings = 1024;

    private readonly List<SettingInWork> _open = [];
    private readonly List<WavePart> _gathered = [];

    /// <summary>The waves; each is to be run before the next is asked for. A stopped run gets no more, and opens none but the first setting; all are counted.</summary>
    public IEnumerable<IReadOnlyList<WavePart>> Waves()
    {
        foreach (SettingPlan next in plan.Settings)
        {
            if (state.Stopped && next.Index > 0)
            {
                // Each costs a lock and some files, and a stop has ten seconds.
                CloseFinished();
                state.Count(next);
                continue;
            }

            // Before another folder is opened, which costs a lock.
            if (
                _gathered.Count > 0
                && !state.Stopped
                && (!_gathered[0].Chunk.Plan.SharesWavesWith(next) || _open.Count >= MostSettings)
            )
            {
                yield return Take();
                CloseFinished();
            }

            // A folder that is busy or damaged must not stand in the way of what can be done.
            if (!TryOpen(next, out SettingInWork? setting, out ExceptionDispatchInfo? failure))
            {
                if (_gathered.Count > 0 && !state.Stopped)
                {
                    yield return Take();
                    CloseFinished();
                }

                failure.Throw();
            }

            foreach (ChunkWork work in setting.Missing.TakeWhile(_ => !state.Stopped))
            {
                ChunkInWork chunk = setting.Begin(work);
                foreach (ReplicaRange piece in chunk.Pieces())
                {
                    if (!HasRoomFor(chunk, piece))
                    {
                        yield return Take();
                    }

                    // The next piece of a chunk is begun in spite of a stop where its checkpoint is to hold those before it.
                    if (!state.Stopped || chunk.HasUnsaved)
                    {
                        _gathered.Add(new WavePart(chunk, piece, _gathered.Sum(part => part.Range.Count)));
                    }

                    if (state.Stopped)
                    {
                        if (chunk.HasUnsaved)
                        {
                            yield return Take();
                        }

                        break;
                    }
                }
            }

            CloseFinished();
        }

        if (_gathered.Count > 0 && !state.Stopped)
        {
            yield return Take();
        }

        CloseFinished();
    }

    /// <summary>Closes what a failure has left open.</summary>
    public void Dispose()
    {
        foreach (SettingInWork setting in _open)
        {
            setting.Dispose();
        }

        _open.Clear();
    }

    private bool TryOpen(
        SettingPlan next,
        [NotNullWhen(true)] out SettingInWork? setting,
        [NotNullWhen(false)] out ExceptionDispatchInfo? failure
    )
    {
        (setting, failure) = (null, null);
        try
        {
            setting = new SettingInWork(next, state);
            _open.Add(setting);
            return true;
        }
        catch (HesseException told)
        {
            failure = ExceptionDispatchInfo.Capture(told);
            return false;
        }
    }

    private WavePart[] Take()
    {
        WavePart[] parts = [.. _gathered];
        _gathered.Clear();
        return parts;
    }

    private bool HasRoomFor(ChunkInWork chunk, ReplicaRange piece)
    {
        if (_gathered.Count == 0)
        {
            return true;
        }

        WavePart first = _gathered[0];
        int together = _gathered.Sum(part => part.Range.Count) + piece.Count;
        return together <= chunk.Plan.Memory.Together(state.Backend)
            && IsWhole(chunk, piece)
            && IsWhole(first.Chunk, first.Range)
            && chunk.Work.Observed.SequenceEqual(first.Chunk.Work.Observed)
            && chunk.Work.Existing is null == first.Chunk.Work.Existing is null
            && chunk.Start(piece) == first.Chunk.Start(first.Range)
            // A chunk that a device has failed with takes no others down.
            && !chunk.Setting.Folder.HasFailed(chunk.Work.Range)
            && !first.Chunk.Setting.Folder.HasFailed(first.Chunk.Work.Range);
    }

    // Parts of a chunk that memory does not hold whole train alone.
    private static bool IsWhole(ChunkInWork chunk, ReplicaRange piece) => piece == chunk.Work.Range;

    // After a stop every setting is closed, those in work too: a sweep has more of them than files may be open.
    private void CloseFinished()
    {
        if (state.Stopped)
        {
            _gathered.Clear();
        }

        foreach (SettingInWork setting in _open.Where(setting => setting.IsFinished || state.Stopped).ToArray())
        {
            Close(setting);
        }
    }

    private void Close(SettingInWork setting)
    {
        setting.Finish();
        _open.Remove(setting);
        setting.Dispose();
    }
}
