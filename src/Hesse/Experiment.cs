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
    // Below this what a wave leaves behind is not worth a collection.
    private const long BytesWorthCollecting = 16L << 20;

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
            ExperimentFolder.Require(plan, options);
            using WaveQueue queue = new(plan, state);
            foreach (IReadOnlyList<WavePart> parts in queue.Waves())
            {
                RunWave(parts, state);
                // The next wave takes as much again, and the limit is for one.
                if (parts[0].Chunk.Plan.Memory.BytesFor(parts.Sum(part => part.Range.Count)) > BytesWorthCollecting)
                {
                    GC.Collect();
                }
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

    /// <summary>
    /// One wave, chunks of one setting or of several: train to each step of interest, observe; then write and commit every chunk. A stopped
    /// wave writes nothing but its checkpoints.
    /// </summary>
    private static void RunWave(IReadOnlyList<WavePart> parts, RunState state)
    {
        (SettingPlan plan, ChunkWork work) = (parts[0].Chunk.Plan, parts[0].Chunk.Work);
        try
        {
            IReadOnlyList<int> steps = plan.StepsOf(work.Observed, toTheEnd: work.Existing is null);
            using WaveCheckpoints checkpoints = new(parts, state);
            using IReplicas replicas = state.Backend.CreateReplicas(
                new Wave([
                    .. parts.Select(part => new ReplicaGroup(
                        part.Chunk.Plan.Problem,
                        part.Range.First,
                        part.Range.Count
                    )),
                ])
            );
            using WaveObservation observation = new(
                plan,
                work.Observed,
                state.Backend,
                replicas,
                [.. parts.SelectMany(part => part.Chunk.KnownBadSteps(part.Range).ToArray())],
                state.Times,
                () => checkpoints.Pause(measuring: true)
            );
            using (checkpoints.Begin(replicas, observation))
            {
                foreach (int step in steps.Where(observation.IsAhead))
                {
                    Advance(replicas, observation, step, state, checkpoints);
                    observation.Observe(last: step == plan.Setting.Spec.Training.Steps);
                    state.Advanced(parts, (double)step / Math.Max(1, steps[^1]));
                }
            }

            foreach (WavePart part in parts)
            {
                using (state.Times.Measure("writing"))
                {
                    part.Chunk.Setting.Guarded(() => part.Chunk.Finish(part, observation));
                }
            }

            checkpoints.RequireSaved();
        }
        catch (OperationCanceledException)
        {
            // What can be continued is saved.
        }
        catch (HesseException failure) when (failure.Code == ExitCode.DeviceFailed)
        {
            foreach (WavePart part in parts)
            {
                part.Chunk.Setting.Guarded(() =>
                    part.Chunk.Setting.Folder.Failed(part.Chunk.Work.Range, failure.Message)
                );
            }

            throw;
        }
        catch (Exception failure) when (StoreFailure.Is(failure))
        {
            throw StoreFailure.Translate(failure, parts[0].Chunk.Setting.Folder.Paths.Root);
        }
    }

    /// <summary>Trains up to a step, in pieces of about a second so that a stop is heard and checkpoints are written in time.</summary>
    private static void Advance(
        IReplicas replicas,
        WaveObservation observation,
        int step,
        RunState state,
        WaveCheckpoints checkpoints
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
