using System.Diagnostics;
using Hesse.Backends;
using Hesse.Observables;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse;

/// <summary>
/// The path of the data: spec -> plan -> replicas -> backend -> observations -> statistics -> store. Read this first; every
/// station has its folder.
/// </summary>
public static class Experiment
{
    /// <summary>Computes what is missing of an experiment and stores it. The same call again resumes; complete, it does nothing.</summary>
    /// <param name="spec">What is asked for.</param>
    /// <param name="options">How it is carried out.</param>
    /// <param name="observers">Quantities of the caller's own, measured and stored beside those of the spec.</param>
    /// <param name="progress">Is told how far the run has come.</param>
    /// <param name="stop">Stops the run soon; finished chunks stay, and the same call resumes.</param>
    /// <exception cref="HesseException">Everything that the user can mend, with an exit code.</exception>
    public static RunReport Run(
        Spec spec,
        RunOptions options,
        IReadOnlyList<Observer>? observers = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken stop = default
    )
    {
        Plan plan = Plan.Of(spec, options with { Observers = observers ?? [] });
        IBackend backend =
            options.OwnBackend
            ?? BackendSelector.Open(options.Backend, options.ThreadCount, options.Devices, options.Notice);
        try
        {
            RunState state = new(plan, options, backend, progress, stop);
            state.RequireOneKind();
            foreach (SettingPlan setting in plan.Settings)
            {
                RunSetting(setting, state);
            }

            return state.Report();
        }
        finally
        {
            if (options.OwnBackend is null)
            {
                backend.Dispose();
            }
        }
    }

    /// <summary>One setting: its folder, its missing chunks, and once all are there arrays, tables and manifest.</summary>
    private static void RunSetting(SettingPlan plan, RunState state)
    {
        ResultPaths paths = state.PathsOf(plan);
        try
        {
            using ResultFolder folder = ResultFolder.Open(
                state.Options.Files,
                paths,
                plan.Manifest(state.Backend, state.Options),
                SpecWriter.Pretty(plan.Setting.Spec),
                state.Options.Folder
            );
            IReadOnlyList<ChunkWork> missing = state.ShareOf(plan, folder);
            state.Begin(plan, folder, missing);
            foreach (ChunkWork work in missing)
            {
                if (state.Stopped || !TryRunChunk(plan, work, folder, state))
                {
                    break;
                }
            }

            if (!state.Stopped && state.Options.Shard.Count == 1 && folder.GivenUp.Count == 0)
            {
                using (state.Times.Measure("merging and statistics"))
                {
                    folder.Complete(state.Options.ThreadCount);
                }
            }

            if (!state.Stopped && state.Options.AuditPercent > 0)
            {
                new Audit(plan, folder, state).Run(state.Options.AuditPercent);
            }

            state.End(folder);
        }
        catch (Exception failure) when (StoreFailure.Is(failure))
        {
            throw StoreFailure.Translate(failure, paths.Root);
        }
    }

    /// <summary>One chunk, wave by wave: train to each step of interest, observe, write, commit. False when stopped: closing the folder sweeps what was begun.</summary>
    private static bool TryRunChunk(SettingPlan plan, ChunkWork work, ResultFolder folder, RunState state)
    {
        try
        {
            IReadOnlyList<int> steps = plan.StepsOf(work.Observed, toTheEnd: work.Existing is null);
            ReadOnlySpan<long> known = folder.KnownBadSteps(work);
            using ChunkWriter writer = folder.Begin(work, plan.LayoutsOf(work.Observed));
            using ChunkCheckpoints checkpoints = new(plan, work, folder, writer, state);
            foreach (ReplicaRange wave in checkpoints.Waves())
            {
                using IReplicas replicas = state.Backend.CreateReplicas(plan.Problem, wave.First, wave.Count);
                using WaveObservation observation = new(
                    plan,
                    work.Observed,
                    state.Backend,
                    replicas,
                    known.Slice(wave.First - work.Range.First, wave.Count),
                    state.Times,
                    () => checkpoints.Pause(measuring: true)
                );
                checkpoints.Begin(replicas, observation);
                foreach (int step in steps.Where(observation.IsAhead))
                {
                    Advance(replicas, observation, step, state, checkpoints);
                    observation.Observe(last: step == plan.Setting.Spec.Training.Steps);
                    state.Advanced(plan, work.Range, wave, (double)step / Math.Max(1, steps[^1]));
                }

                checkpoints.End();
                using (state.Times.Measure("writing"))
                {
                    for (int i = 0; i < observation.Arrays; i++)
                    {
                        writer.Append(i, observation.Rows(i));
                    }

                    writer.Append<long>(observation.Arrays, observation.FirstBadSteps);
                }
            }

            using (state.Times.Measure("writing"))
            {
                writer.Commit(plan.Provenance(state.Backend));
                folder.Committed(work.Range);
                checkpoints.Clear();
            }

            state.Committed(plan, work);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (HesseException failure) when (failure.Code == ExitCode.DeviceFailed)
        {
            folder.Failed(work.Range, failure.Message);
            throw;
        }
    }

    /// <summary>Trains up to a step, in pieces of about a second so that a stop is heard and checkpoints are written in time.</summary>
    private static void Advance(
        IReplicas replicas,
        WaveObservation observation,
        int step,
        RunState state,
        ChunkCheckpoints checkpoints
    )
    {
        int piece = 16;
        while (replicas.Step < step)
        {
            checkpoints.Pause(measuring: false);
            long start = Stopwatch.GetTimestamp();
            using (state.Times.Measure("training"))
            {
                observation.Advance(Math.Min(piece, step - replicas.Step));
            }

            piece =
                Stopwatch.GetElapsedTime(start).TotalSeconds < 0.5
                    ? Math.Min(2 * piece, 1 << 20)
                    : Math.Max(1, piece / 2);
        }
    }
}
