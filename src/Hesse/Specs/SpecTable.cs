using Hesse.Networks;

namespace Hesse.Specs;

/// <summary>
/// Every key of a spec, once: reading, checking, suggestions, the JSON Schema, the resolved spec and the keys of a sweep all
/// come from this table. Kinds of data and of optimizers stand in tables of their own.
/// </summary>
internal static class SpecTable
{
    /// <summary>Most updates of a training; one less than 2^31 - 1, so that the number of times 0 .. steps is an int.</summary>
    public const int MostSteps = int.MaxValue - 1;

    private static readonly NetworkSpec DefaultNetwork = new() { Hidden = [] };

    private static readonly BatchSpec DefaultBatch = new() { Order = BatchOrder.Epochs };

    private static readonly TrainingSpec DefaultTraining = new()
    {
        Optimizer = new SgdSpec { StepSize = new Schedule(0) },
        Batch = DefaultBatch,
        Steps = 0,
    };

    private static readonly Section<NetworkSpec> Network = new(
        DefaultNetwork,
        new SpecKey<NetworkSpec, IReadOnlyList<int>>(
            "hidden",
            new ListKind<int>(new IntegerKind<int>(1, int.MaxValue)),
            s => s.Hidden,
            (s, v) => s with { Hidden = v },
            "Widths of the hidden layers; an empty list for a linear model."
        )
        {
            Required = true,
        },
        new SpecKey<NetworkSpec, Activation>(
            "activation",
            new ChoiceKind<Activation>(),
            s => s.Activation,
            (s, v) => s with { Activation = v },
            "Function between the layers; gelu is the erf form, leaky-relu has slope 0.01."
        ),
        new SpecKey<NetworkSpec, IReadOnlyList<bool>?>(
            "bias",
            new OneOrListKind<bool>(new BooleanKind()),
            s => s.Bias,
            (s, v) => s with { Bias = v! },
            "Whether layers have a bias: one value, or one a layer."
        ),
        new SpecKey<NetworkSpec, Initialization>(
            "initialization",
            new ChoiceKind<Initialization>(),
            s => s.Initialization,
            (s, v) => s with { Initialization = v },
            "How the initial parameters are drawn; npy reads them from initial-parameters."
        ),
        new SpecKey<NetworkSpec, IReadOnlyList<double>?>(
            "gain",
            new OneOrListKind<double>(new NumberKind(0)),
            s => s.Gain,
            (s, v) => s with { Gain = v },
            "Gain of the he and xavier initialisations: one value, or one a layer; sqrt 2 for he and 1 for xavier when absent."
        ),
        new SpecKey<NetworkSpec, string?>(
            "initial-parameters",
            new PathKind(),
            s => s.InitialParameters,
            (s, v) => s with { InitialParameters = v },
            ".npy file of initial parameters, (P) or (R,P), for initialization npy."
        ),
        new SpecKey<NetworkSpec, bool>(
            "shared-initialization",
            new BooleanKind(),
            s => s.SharedInitialization,
            (s, v) => s with { SharedInitialization = v },
            "Whether all replicas start from the point of replica 0."
        )
    );

    private static readonly Section<BatchSpec> Batch = new(
        DefaultBatch,
        new SpecKey<BatchSpec, int?>(
            "size",
            new OptionalKind<int>(new IntegerKind<int>(1, int.MaxValue)),
            s => s.Size,
            (s, v) => s with { Size = v },
            "Samples in a mini-batch; left out with order full."
        ),
        new SpecKey<BatchSpec, BatchOrder>(
            "order",
            new ChoiceKind<BatchOrder>(),
            s => s.Order,
            (s, v) => s with { Order = v },
            "epochs: every row once an epoch, reshuffled; with-replacement: independent draws; sequential: rows in order; full: all rows."
        )
    );

    private static readonly Section<TrainingSpec> Training = new(
        DefaultTraining,
        new SpecKey<TrainingSpec, OptimizerSpec>(
            "optimizer",
            OptimizerKinds.All,
            s => s.Optimizer,
            (s, v) => s with { Optimizer = v },
            "The update rule."
        )
        {
            Required = true,
        },
        new SpecKey<TrainingSpec, BatchSpec>(
            "batch",
            Batch,
            s => s.Batch,
            (s, v) => s with { Batch = v },
            "Size and order of the mini-batches."
        )
        {
            Required = true,
        },
        new SpecKey<TrainingSpec, int>(
            "steps",
            new IntegerKind<int>(0, MostSteps),
            s => s.Steps,
            (s, v) => s with { Steps = v },
            "Number of updates; 0 only observes the initial point."
        )
        {
            Required = true,
        }
    );

    private static readonly Section<StatisticsSpec> Statistics = new(
        new StatisticsSpec(),
        new SpecKey<StatisticsSpec, IReadOnlyList<double>>(
            "quantiles",
            new ListKind<double>(new NumberKind(0, 1), 0, ascending: true),
            s => s.Quantiles,
            (s, v) => s with { Quantiles = v },
            "Quantile levels over the replicas, ascending."
        )
    );

    /// <summary>The whole spec.</summary>
    public static Section<Spec> Root { get; } =
        new(
            new Spec
            {
                Version = 1,
                Name = "",
                Data = new GaussDataSpec(),
                Network = DefaultNetwork,
                Loss = Loss.CrossEntropy,
                Training = DefaultTraining,
            },
            new SpecKey<Spec, int>(
                "version",
                new IntegerKind<int>(1, 1),
                s => s.Version,
                (s, v) => s with { Version = v },
                "Version of this format."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, string>(
                "name",
                new NameKind(),
                s => s.Name,
                (s, v) => s with { Name = v },
                "Name of the experiment and of its result folder."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, ulong>(
                "seed",
                new IntegerKind<ulong>(0, ulong.MaxValue),
                s => s.Seed,
                (s, v) => s with { Seed = v },
                "Key of every random number."
            ),
            new SpecKey<Spec, int>(
                "replicas",
                new IntegerKind<int>(1, int.MaxValue),
                s => s.Replicas,
                (s, v) => s with { Replicas = v },
                "How many nets are trained, each with its own random numbers."
            ),
            new SpecKey<Spec, Precision>(
                "precision",
                new ChoiceKind<Precision>(),
                s => s.Precision,
                (s, v) => s with { Precision = v },
                "Arithmetic of the training."
            ),
            new SpecKey<Spec, Precision>(
                "observation-precision",
                new ChoiceKind<Precision>(),
                s => s.ObservationPrecision,
                (s, v) => s with { ObservationPrecision = v },
                "Arithmetic of curvature and spectra."
            ),
            new SpecKey<Spec, DataSpec>(
                "data",
                DataKinds.All,
                s => s.Data,
                (s, v) => s with { Data = v },
                "Where the samples come from."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, NetworkSpec>(
                "network",
                Network,
                s => s.Network,
                (s, v) => s with { Network = v },
                "The fully connected net; input and output widths are those of the data."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, Loss>(
                "loss",
                new ChoiceKind<Loss>(),
                s => s.Loss,
                (s, v) => s with { Loss = v },
                "Loss of one sample; the training loss is its mean. mse divides by the number of outputs, half-squared-error by 2."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, TrainingSpec>(
                "training",
                Training,
                s => s.Training,
                (s, v) => s with { Training = v },
                "How the net is trained."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, IReadOnlyList<ObservationSpec>>(
                "observe",
                new ListKind<ObservationSpec>(new ObservationKind()),
                s => s.Observe,
                (s, v) => s with { Observe = v },
                "What is measured, and when; a quantity stands once."
            ),
            new SpecKey<Spec, StatisticsSpec>(
                "statistics",
                Statistics,
                s => s.Statistics,
                (s, v) => s with { Statistics = v },
                "How replicas are summarised."
            ),
            new SpecKey<Spec, IReadOnlyList<SweepAxis>>(
                "sweep",
                new SweepKind(),
                s => s.Sweep,
                (s, v) => s with { Sweep = v },
                "A grid of settings: dotted paths of keys, each with a list of values; the first varies slowest."
            )
        );

    /// <summary>The kind of a dotted key in this tree, or null.</summary>
    public static SpecKind? Find(string path, SpecNode root)
    {
        SpecKind? kind = Root;
        SpecNode? node = root;
        foreach (string segment in path.Split('.'))
        {
            kind = kind.Find(segment, node);
            if (kind is null)
            {
                return null;
            }

            node = node?.Find(segment)?.Value;
        }

        return kind;
    }

    /// <summary>Dotted paths of all keys that hold a value, in the order of the table.</summary>
    public static IReadOnlyList<string> LeafPaths()
    {
        List<string> paths = [];
        Collect(Root, "", paths, sections: false);
        return paths;
    }

    /// <summary>Where a key of this name belongs outside the section in which it was found, or null.</summary>
    public static string? HomeOf(string name, string section)
    {
        List<string> paths = [];
        Collect(Root, "", paths, sections: true);
        return paths.Find(path => path.EndsWith($".{name}", StringComparison.Ordinal) && path != $"{section}.{name}");
    }

    private static void Collect(SpecKind kind, string prefix, List<string> paths, bool sections)
    {
        foreach (SpecKeyName key in kind.Keys)
        {
            string path = prefix.Length == 0 ? key.Name : $"{prefix}.{key.Name}";
            if (sections || !key.Kind.IsSection)
            {
                paths.Add(path);
            }

            Collect(key.Kind, path, paths, sections);
        }
    }
}
