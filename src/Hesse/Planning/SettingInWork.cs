using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>A setting whose result folder this process has open, until its missing chunks are computed.</summary>
internal sealed class SettingInWork : IDisposable
{
    private readonly RunState _state;
    private readonly List<ChunkInWork> _chunks = [];
    private int _left;

    /// <summary>Opens the folder and looks for what is missing there.</summary>
    public SettingInWork(SettingPlan plan, RunState state)
    {
        Plan = plan;
        _state = state;
        ResultPaths paths = state.PathsOf(plan);
        Folder = Results.Guarded(
            paths.Root,
            () =>
                ResultFolder.Open(
                    state.Options.Files,
                    paths,
                    plan.Manifest(state.Backend, state.Options),
                    SpecWriter.Pretty(plan.Setting.Spec),
                    state.Options.Folder
                )
        );
        try
        {
            Guarded(() =>
            {
                Missing = state.ShareOf(plan, Folder);
                state.Begin(plan, Folder, Missing);
            });
        }
        catch
        {
            Folder.Dispose();
            throw;
        }

        _left = Missing.Count;
    }

    /// <summary>What is computed.</summary>
    public SettingPlan Plan { get; }

    /// <summary>Where it is stored.</summary>
    public ResultFolder Folder { get; }

    /// <summary>The chunks that are this process's to compute.</summary>
    public IReadOnlyList<ChunkWork> Missing { get; private set; } = [];

    /// <summary>Whether every one of them is committed.</summary>
    public bool IsFinished => _left == 0;

    /// <summary>Takes up a chunk.</summary>
    public ChunkInWork Begin(ChunkWork work)
    {
        ChunkInWork? chunk = null;
        Guarded(() => chunk = new ChunkInWork(this, work, _state));
        _chunks.Add(chunk!);
        return chunk!;
    }

    /// <summary>One chunk less.</summary>
    public void Committed() => _left--;

    /// <summary>Merges and audits, unless the run is stopped or others have shares, and counts the setting.</summary>
    public void Finish() =>
        Guarded(() =>
        {
            bool stoppedHere = false;
            if (!_state.Stopped && _state.Options.Shard.Count == 1 && Folder.GivenUp.Count == 0)
            {
                using (_state.Times.Measure("merging and statistics"))
                {
                    stoppedHere = !TryComplete();
                }
            }

            if (!_state.Stopped && _state.Options.AuditPercent > 0)
            {
                new Audit(Plan, Folder, _state).Run(_state.Options.AuditPercent);
            }

            _state.End(Folder, stoppedHere);
        });

    private bool TryComplete()
    {
        try
        {
            Folder.Complete(_state.Options.ThreadCount, stop: _state.Stop);
            return true;
        }
        // The chunks are there; the next run merges them.
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Does something whose failures of the disk are those of this folder.</summary>
    public void Guarded(Action action) =>
        Results.Guarded(
            Folder.Paths.Root,
            () =>
            {
                action();
                return true;
            }
        );

    /// <summary>Closes the folder, which sweeps what was begun and not committed.</summary>
    public void Dispose()
    {
        _chunks.ForEach(chunk => chunk.Dispose());
        Guarded(Folder.Dispose);
    }
}
