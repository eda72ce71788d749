using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>
/// Opens the settings one after the other and packs their missing chunks into waves: chunks of settings that differ in the numbers of
/// their update rule alone, until the wave is as large as it should be. A setting is finished and closed with its last chunk.
/// </summary>
internal sealed class WaveQueue(Plan plan, RunState state) : IDisposable
{
    // Each open folder holds a lock; systems that allow few open files allow some thousands.
    private const int MostOpen = 1024;

    private readonly List<SettingInWork> _open = [];
    private readonly List<WavePart> _gathered = [];

    /// <summary>The waves; each is to be run before the next is asked for. A stopped run gets no more, but all settings are counted.</summary>
    public IEnumerable<IReadOnlyList<WavePart>> Waves()
    {
        foreach (SettingPlan next in plan.Settings)
        {
            // Before another folder is opened: one that is busy must not stand in the way of what can be done.
            if (_gathered.Count > 0 && (!_gathered[0].Chunk.Plan.SharesWavesWith(next) || _open.Count >= MostOpen))
            {
                yield return Take();
                CloseFinished();
            }

            SettingInWork setting = new(next, state);
            _open.Add(setting);
            foreach (ChunkWork work in setting.Missing.TakeWhile(_ => !state.Stopped))
            {
                ChunkInWork chunk = setting.Begin(work);
                foreach (ReplicaRange piece in chunk.Pieces())
                {
                    if (!HasRoomFor(chunk, piece))
                    {
                        yield return Take();
                    }

                    if (state.Stopped)
                    {
                        break;
                    }

                    int offset = _gathered.Sum(part => part.Range.Count);
                    _gathered.Add(new WavePart(chunk, piece, offset));
                }
            }

            CloseFinished();
        }

        if (_gathered.Count > 0 && !state.Stopped)
        {
            yield return Take();
            CloseFinished();
        }

        // What a stop has left.
        while (_open.Count > 0)
        {
            Close(_open[0]);
        }
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
            && _gathered[^1].Chunk != chunk
            && chunk.Work.Observed.SequenceEqual(first.Chunk.Work.Observed)
            && chunk.Work.Existing is null == first.Chunk.Work.Existing is null
            && chunk.Start(piece) == first.Chunk.Start(first.Range)
            // A chunk that a device has failed with takes no others down.
            && !chunk.Setting.Folder.HasFailed(chunk.Work.Range)
            && !first.Chunk.Setting.Folder.HasFailed(first.Chunk.Work.Range);
    }

    private void CloseFinished()
    {
        foreach (SettingInWork setting in _open.Where(setting => setting.IsFinished).ToArray())
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
