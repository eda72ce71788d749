using Hesse.Networks;

namespace Hesse.Specs;

/// <summary>The keys of network, training and statistics.</summary>
internal static class SpecSections
{
    /// <summary>Most updates of a training; one less than 2^31 - 1, so that the number of times 0 .. steps is an int.</summary>
    public const int MostSteps = int.MaxValue - 1;

    public static NetworkSpec DefaultNetwork { get; } = new() { Hidden = [] };

    private static readonly BatchSpec DefaultBatch = new() { Order = BatchOrder.Epochs };

    public static TrainingSpec DefaultTraining { get; } =
        new()
        {
            Optimizer = new SgdSpec { StepSize = new Schedule(0) },
            Batch = new BatchSpec { Order = BatchOrder.Full },
            Steps = 0,
        };

    public static Section<NetworkSpec> Network { get; } =
        new(
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

    public static Section<TrainingSpec> Training { get; } =
        new(
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
                "Size and order of the mini-batches; all rows when absent."
            ),
            new SpecKey<TrainingSpec, WorkersSpec?>(
                "workers",
                WorkersSection.All,
                s => s.Workers,
                (s, v) => s with { Workers = v },
                "Distributed training, simulated inside each replica."
            ),
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

    public static Section<StatisticsSpec> Statistics { get; } =
        new(
            new StatisticsSpec(),
            new SpecKey<StatisticsSpec, IReadOnlyList<double>>(
                "quantiles",
                new ListKind<double>(new NumberKind(0, 1), 0, ascending: true),
                s => s.Quantiles,
                (s, v) => s with { Quantiles = v },
                "Quantile levels over the replicas, ascending."
            )
        );
}
