using Hesse.Backends;
using Hesse.Backends.Distributed;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Replicas;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>One setting of an experiment, ready to be trained and observed.</summary>
internal sealed class SettingPlan
{
    private readonly string _family; // identity but for the numbers of the update rule

    /// <summary>Plans a setting.</summary>
    /// <exception cref="HesseException">65: spec and data do not fit; 66: a file is missing; 71: one replica does not fit in memory.</exception>
    public SettingPlan(int index, SweepSetting setting, IDataSource data, RunOptions options)
    {
        Index = index;
        Spec spec = setting.Spec;
        Setting = setting;
        Data = data;
        PlanFaults faults = new(spec);
        faults.Try("training.batch.size", () => spec.CheckAgainstData(data.Samples, data.Dimension, data.Outputs));
        faults.ThrowIfAny();
        Network = spec.CreateNetwork(data.Dimension, data.Outputs);
        faults.Try("data", () => RequireTargets(spec, data, Network));
        Problem = new TrainingProblem
        {
            Network = Network,
            Precision = spec.Precision,
            Seed = spec.Seed,
            Data = data,
            Optimizer = spec.Training.Optimizer,
            Batch = spec.Training.Batch,
            Workers = spec.Training.Workers,
            InitialPoint = InitialPoints.Create(spec.Network, Network, spec.Seed, spec.Precision),
        };
        if (spec.Network.Initialization == Initialization.Npy)
        {
            // Throws when the file has no point for the last replica.
            Problem.InitialPoint(spec.Replicas - 1, new double[Network.ParameterCount]);
        }

        if (spec.Training.Workers is { } workers)
        {
            faults.Try("training.workers", () => WorkerShares.Require(workers, data, Network));
        }

        int batch = new BatchIndices(spec.Seed, data.Samples, spec.Training.Batch).LargestBatch;
        List<IQuantity> quantities = [];
        for (int i = 0; i < spec.Observe.Count; i++)
        {
            ObservationSpec one = spec.Observe[i];
            faults.Try($"observe[{i}]", () => quantities.Add(Fitting(one, batch)));
        }

        faults.ThrowIfAny();
        Quantities = [.. quantities, .. options.Observers.Select(observer => new ObserverQuantity(observer))];
        if (
            Quantities.GroupBy(one => one.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is
            { } twice
        )
        {
            throw new HesseException(ExitCode.Usage, $"observer {twice.Key} is given twice");
        }

        List<ObservationLayout> layouts = [];
        ObservationSpec[] observations =
        [
            .. spec.Observe,
            .. options.Observers.Select(observer => observer.In(spec.Training.Steps)),
        ];
        for (int i = 0; i < Quantities.Count; i++)
        {
            IQuantity quantity = Quantities[i];
            ObservationSpec one = observations[i];
            faults.Try(
                $"observe[{i}]",
                () => layouts.Add(new ObservationLayout(quantity, one, Network, data.Samples, spec.Precision))
            );
        }

        faults.ThrowIfAny();
        Layouts = layouts;
        Observed = [.. layouts.Select(layout => new ObservedRecord(layout.Quantity, layout.Times, layout.Options))];
        string initial = spec.Network.InitialParameters is { } path
            ? ChecksumStream.OfFile(options.Files, path).Sha256
            : string.Empty;
        Identity = SpecWriter.Identity(spec, data.ContentHash, initial);
        TrainingSpec training = spec.Training with
        {
            Optimizer = OptimizerKinds.WithoutNumbers(spec.Training.Optimizer),
        };
        _family = SpecWriter.Identity(spec with { Training = training }, data.ContentHash, initial);
        Memory = new MemoryBudget(this, options);
    }

    /// <summary>Number of the setting in the sweep.</summary>
    public int Index { get; }

    /// <summary>The spec of this setting with its folder name.</summary>
    public SweepSetting Setting { get; }

    /// <summary>Training and test samples.</summary>
    public IDataSource Data { get; }

    /// <summary>The net.</summary>
    public Network Network { get; }

    /// <summary>What a backend trains.</summary>
    public TrainingProblem Problem { get; }

    /// <summary>What is measured, in the order of the spec; the caller's observers behind.</summary>
    public IReadOnlyList<IQuantity> Quantities { get; }

    /// <summary>How it is stored, in the same order.</summary>
    public IReadOnlyList<ObservationLayout> Layouts { get; }

    /// <summary>SHA-256 of what determines the numbers.</summary>
    public string Identity { get; }

    /// <summary>What is measured, as chunks and manifest name it.</summary>
    public IReadOnlyList<ObservedRecord> Observed { get; }

    /// <summary>Whether replicas of both can be trained together: the settings differ in the numbers of the update rule alone.</summary>
    public bool SharesWavesWith(SettingPlan other) =>
        string.Equals(_family, other._family, StringComparison.Ordinal)
        && ReferenceEquals(Data, other.Data)
        && Observed.Zip(other.Observed, (own, others) => own.IsSame(others)).All(same => same);

    /// <summary>How many replicas are trained at once.</summary>
    public MemoryBudget Memory { get; }

    /// <summary>Layout of the steps at which replicas diverged.</summary>
    public static ArrayLayout FirstBadStep { get; } =
        new()
        {
            Quantity = ChunkFolder.FirstBadStep,
            Type = NpyType.Int64,
            Options = SpecWriter.HashOfOptions(new Dictionary<string, string>()),
        };

    /// <summary>The arrays of a chunk that computes these observations.</summary>
    public IReadOnlyList<ArrayLayout> LayoutsOf(IReadOnlyList<int> observed) =>
        [.. observed.SelectMany(i => Layouts[i].Arrays), FirstBadStep];

    /// <summary>The steps at which training pauses for these observations and their neighbouring steps, ascending.</summary>
    /// <param name="observed">Numbers of the observations.</param>
    /// <param name="toTheEnd">Whether the last step is one of them in any case.</param>
    public IReadOnlyList<int> StepsOf(IReadOnlyList<int> observed, bool toTheEnd)
    {
        int last = Setting.Spec.Training.Steps;
        SortedSet<int> steps = [.. observed.SelectMany(i => Layouts[i].Times)];
        foreach (int i in observed.Where(i => Quantities[i].Neighbour != 0))
        {
            steps.UnionWith(
                Layouts[i].Times.Select(time => time + Quantities[i].Neighbour).Where(t => t >= 0 && t <= last)
            );
        }

        if (toTheEnd)
        {
            steps.Add(last);
        }

        return [.. steps];
    }

    /// <summary>Bytes of the chunks (and again of the merged arrays).</summary>
    public long StoredBytes =>
        Layouts
            .SelectMany(layout => layout.Arrays)
            .Sum(array => checked(Setting.Spec.Replicas * array.RowLength * NpyHeader.SizeOf(array.Type)));

    /// <summary>The manifest of a run that has not finished.</summary>
    public ManifestRecord Manifest(IBackend backend, RunOptions options) =>
        new()
        {
            Format = ManifestFile.Format,
            Name = Setting.Spec.Name,
            Slug = Setting.Slug,
            Identity = Identity,
            Seed = Setting.Spec.Seed,
            Replicas = Setting.Spec.Replicas,
            Complete = false,
            Engine = EngineVersion.Number,
            Commit = EngineVersion.Commit,
            Rng = Hesse.Replicas.Philox4x32.Scheme,
            Backend = backend.Name,
            Device = backend.Device,
            Architecture = backend.Architecture,
            Platform = EngineVersion.Platform,
            DataHash = Data.ContentHash,
            Parameters = Network.ParameterCount,
            CommandLine = options.CommandLine,
            Written = DateTimeOffset.UtcNow,
            Observed = Observed,
            Quantiles = Setting.Spec.Statistics.Quantiles,
            Arrays = [],
            Files = [],
        };

    /// <summary>The description of a chunk but for its replicas and files.</summary>
    public ChunkRecord Provenance(IBackend backend) =>
        new()
        {
            Format = ManifestFile.Format,
            Identity = Identity,
            First = 0,
            Count = 0,
            Engine = EngineVersion.Number,
            Rng = Hesse.Replicas.Philox4x32.Scheme,
            Backend = backend.Name,
            Device = backend.Device,
            Architecture = backend.Architecture,
            Files = [],
        };

    /// <summary>Refuses targets that the loss cannot be computed from.</summary>
    private static void RequireTargets(Spec spec, IDataSource data, Network network)
    {
        // Generated labels are classes 0 .. C-1 by construction, and drawing them can take long.
        if (data.ContentHash.Length == 0)
        {
            return;
        }

        NpyDataSpec? files = data is FileData ? spec.Data as NpyDataSpec : null;
        for (int replica = 0; replica < (data.PerReplica ? spec.Replicas : 1); replica++)
        {
            Require(files is null ? "data" : $"{files.Targets}: data.targets", data.Training(replica, 1));
            Require(files is null ? "data" : $"{files.TestTargets}: data.test-targets", data.Test(replica, 1));
        }

        void Require(string name, DataSet? samples)
        {
            try
            {
                samples?.ForNetwork(network);
            }
            catch (HesseException failure)
            {
                throw new HesseException(failure.Code, $"{name}: {failure.Message}", failure);
            }
        }
    }

    /// <summary>A quantity of the spec, once it fits the data and the training.</summary>
    private IQuantity Fitting(ObservationSpec observation, int batch)
    {
        IQuantity quantity = Observables.Quantities.Get(observation).ForSamples(Data.Samples, batch);
        if (Data.TestSamples == 0 && QuantityCatalogue.Find(quantity.Name)?.NeedsTestData == true)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"observe: {quantity.Name} needs test samples; the data has none"
            );
        }

        quantity.Check(Problem);
        RequireTimes(quantity, observation.Times, Setting.Spec.Training.Steps);
        return quantity;
    }

    /// <summary>Refuses times at none of which the quantity has a value.</summary>
    private static void RequireTimes(IQuantity quantity, IReadOnlyList<int> times, int steps)
    {
        quantity.CheckTimes(times);
        int beside = quantity.Neighbour;
        if (beside != 0 && times.Count > 0 && !times.Any(t => t + beside >= 0 && t + beside <= steps))
        {
            throw new HesseException(
                ExitCode.BadData,
                beside < 0
                    ? $"{quantity.Name} has no value at step 0, which has no step before it; observe it later too"
                    : $"{quantity.Name} has no value at the last step, {steps}, which has no step after it; observe it earlier too"
            );
        }
    }
}
