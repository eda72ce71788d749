using Hesse.Backends;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Observables;

/// <summary>
/// Quantities of a stored run at a step of your choice. A replica is a pure function of spec, seed and index, so nothing need
/// have been kept of it: the replicas are trained again up to the step, and measured as the run would have measured them.
/// </summary>
public static class RunProbe
{
    /// <summary>Trains, measures and writes.</summary>
    /// <param name="request">Which run, replicas, step and quantities.</param>
    /// <param name="folder">Where the arrays go; a sweep's settings get a folder each. Created when absent.</param>
    /// <param name="options">How it is carried out; the backend is the one of the run unless another is named.</param>
    /// <param name="stop">Stops between waves.</param>
    /// <returns>The files with their shapes.</returns>
    /// <exception cref="HesseException">64: no such step or replica; 65: the data are no longer those of the run; 66: there is no run.</exception>
    public static IReadOnlyList<KeyValuePair<string, IReadOnlyList<long>>> Run(
        RunProbeRequest request,
        string folder,
        RunOptions options,
        CancellationToken stop = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> runs = Results.Find(request.Run);
        List<KeyValuePair<string, IReadOnlyList<long>>> written = [];
        foreach (string run in runs)
        {
            string into = runs.Count == 1 ? folder : Path.Combine(folder, Path.GetFileName(run));
            written.AddRange(Results.Guarded(into, () => RunOne(request, run, into, options, stop)));
        }

        return written;
    }

    private static IReadOnlyList<KeyValuePair<string, IReadOnlyList<long>>> RunOne(
        RunProbeRequest request,
        string run,
        string folder,
        RunOptions options,
        CancellationToken stop
    )
    {
        ResultPaths paths = new(run, Shard.Whole);
        ManifestRecord manifest = ManifestFile.Read(options.Files, paths);
        SettingPlan plan = PlanOf(request, paths, manifest, options);
        int[] observed = [.. Enumerable.Range(0, plan.Quantities.Count)];
        ArrayLayout[] layouts = [.. plan.Layouts.SelectMany(layout => layout.Arrays).Select(WithoutTimes)];
        ReplicaRange range = RangeOf(request, manifest);
        options.Files.CreateFolder(folder);
        using IBackend backend = BackendSelector.Open(
            options.Backend == BackendSelector.Automatic ? manifest.Backend : options.Backend,
            options.ThreadCount
        );
        using ArrayGroup arrays = new(options.Files, folder, layouts, range.Count);
        foreach (ReplicaRange wave in range.Split(plan.Memory.WaveSize))
        {
            using WaveObservation observation = Observe(plan, observed, wave, backend, stop);
            for (int i = 0; i < layouts.Length; i++)
            {
                arrays.Append(i, observation.Rows(i));
            }
        }

        IReadOnlyList<KeyValuePair<string, IReadOnlyList<long>>> written = arrays.Finish();
        options.Files.SyncFolder(folder);
        return written;
    }

    private static WaveObservation Observe(
        SettingPlan plan,
        int[] observed,
        ReplicaRange wave,
        IBackend backend,
        CancellationToken stop
    )
    {
        long[] unknown = new long[wave.Count];
        Array.Fill(unknown, -1);
        using IReplicas replicas = backend.CreateReplicas(plan.Problem, wave.First, wave.Count);
        WaveObservation observation = new(
            plan,
            observed,
            backend,
            replicas,
            unknown,
            new StageTimes(),
            stop.ThrowIfCancellationRequested
        );
        foreach (int step in plan.StepsOf(observed, toTheEnd: false))
        {
            while (replicas.Step < step)
            {
                stop.ThrowIfCancellationRequested();
                replicas.Advance(Math.Min(16, step - replicas.Step));
            }

            observation.Observe(last: false);
        }

        return observation;
    }

    /// <summary>The run's own plan, with what is asked for now as its only observations.</summary>
    private static SettingPlan PlanOf(
        RunProbeRequest request,
        ResultPaths paths,
        ManifestRecord manifest,
        RunOptions options
    )
    {
        Spec spec = SpecReader.Read(paths.Spec);
        int step = request.Step ?? spec.Training.Steps;
        if (step < 0 || step > spec.Training.Steps)
        {
            throw new HesseException(
                ExitCode.Usage,
                $"--step {step}: {paths.Root} has the steps 0 .. {spec.Training.Steps}"
            );
        }

        Spec asked = spec with
        {
            Replicas = manifest.Replicas,
            Observe =
            [
                .. request.What.Select(name => new ObservationSpec
                {
                    Quantity = name,
                    Times = [step],
                    Options = request.Options[name],
                }),
            ],
        };
        SettingPlan plan = Plan.Of(asked, options).Settings[0];
        return string.Equals(plan.Identity, manifest.Identity, StringComparison.Ordinal)
            ? plan
            : throw new HesseException(
                ExitCode.BadData,
                $"{paths.Root}: its data files are not those that it was trained on any more"
            );
    }

    private static ReplicaRange RangeOf(RunProbeRequest request, ManifestRecord manifest)
    {
        int first = request.First ?? 0;
        int last = request.Last ?? manifest.Replicas - 1;
        return first >= 0 && first <= last && last < manifest.Replicas
            ? new ReplicaRange(first, last - first + 1)
            : throw new HesseException(
                ExitCode.Usage,
                $"--replicas {first}-{last}: the run has the replicas 0-{manifest.Replicas - 1}"
            );
    }

    private static ArrayLayout WithoutTimes(ArrayLayout layout) => layout with { Times = [] };
}

/// <summary>What is asked of a stored run.</summary>
public sealed record RunProbeRequest
{
    /// <summary>The --out folder, one experiment inside it, or one setting.</summary>
    public required string Run { get; init; }

    /// <summary>First replica; null for 0.</summary>
    public int? First { get; init; }

    /// <summary>Last replica; null for the last of the run.</summary>
    public int? Last { get; init; }

    /// <summary>The step; null for the last.</summary>
    public int? Step { get; init; }

    /// <summary>Names of quantities that a run can observe.</summary>
    public required IReadOnlyList<string> What { get; init; }

    /// <summary>Options by quantity, as <see cref="ProbeOptions"/> reads them.</summary>
    public required IReadOnlyDictionary<string, Dictionary<string, string>> Options { get; init; }
}
