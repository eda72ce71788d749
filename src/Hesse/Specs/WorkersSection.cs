namespace Hesse.Specs;

/// <summary>The keys of training.workers, and what they must satisfy together.</summary>
internal static class WorkersSection
{
    private static readonly OptionalKind<int> Positive = new(new IntegerKind<int>(1, int.MaxValue));

    private static readonly Section<ByzantineSpec> Byzantine = new(
        new ByzantineSpec { Count = 1, Attack = Attack.SignFlip },
        new SpecKey<ByzantineSpec, int>(
            "count",
            new IntegerKind<int>(0, WorkersSpec.MostWorkers),
            s => s.Count,
            (s, v) => s with { Count = v },
            "How many workers attack, fewer than half; 0 for none."
        )
        {
            Required = true,
        },
        new SpecKey<ByzantineSpec, Attack>(
            "attack",
            new ChoiceKind<Attack>(),
            s => s.Attack,
            (s, v) => s with { Attack = v },
            "What they send: -g; 0; the gradient on labels C - 1 - y; an old gradient; -g / 2; mean - 0.3 deviations of the honest ones."
        )
        {
            Required = true,
        },
        new SpecKey<ByzantineSpec, int?>(
            "delay",
            Positive,
            s => s.Delay,
            (s, v) => s with { Delay = v },
            "Steps by which attack delayed is late; 1000 when absent."
        )
    );

    /// <summary>All keys; what is absent stays out of the resolved spec.</summary>
    public static OptionalSection<WorkersSpec> All { get; } =
        new(
            new Section<WorkersSpec>(
                new WorkersSpec { Count = 1, Aggregation = Aggregation.Mean },
                new SpecKey<WorkersSpec, int>(
                    "count",
                    new IntegerKind<int>(1, WorkersSpec.MostWorkers),
                    s => s.Count,
                    (s, v) => s with { Count = v },
                    "Number of workers; each has mini-batches of its own of training.batch.size samples."
                )
                {
                    Required = true,
                },
                new SpecKey<WorkersSpec, Aggregation>(
                    "aggregation",
                    new ChoiceKind<Aggregation>(),
                    s => s.Aggregation,
                    (s, v) => s with { Aggregation = v },
                    "What takes the gradient's place in the optimizer; with local and gossip-pga workers train parameters of their own."
                )
                {
                    Required = true,
                },
                new SpecKey<WorkersSpec, double>(
                    "noise",
                    new NumberKind(0),
                    s => s.Noise,
                    (s, v) => s with { Noise = v },
                    "Standard deviation of noise on every worker's gradient (safeguard: on their mean); the b of sto-sign."
                ),
                new SpecKey<WorkersSpec, WorkerSplit>(
                    "split",
                    new ChoiceKind<WorkerSplit>(),
                    s => s.Split,
                    (s, v) => s with { Split = v },
                    "iid: every worker draws from all samples; by-class: from a share with one class or a few."
                ),
                new SpecKey<WorkersSpec, int?>(
                    "period",
                    Positive,
                    s => s.Period,
                    (s, v) => s with { Period = v },
                    "Steps between means over all workers (local, gossip-pga), or of the short window (safeguard; an epoch when absent)."
                ),
                new SpecKey<WorkersSpec, WorkerGraph?>(
                    "graph",
                    new OptionalKind<WorkerGraph>(new ChoiceKind<WorkerGraph>()),
                    s => s.Graph,
                    (s, v) => s with { Graph = v },
                    "Which workers mix their parameters after every step, with gossip-pga."
                ),
                new SpecKey<WorkersSpec, bool?>(
                    "error-feedback",
                    new OptionalKind<bool>(new BooleanKind()),
                    s => s.ErrorFeedback,
                    (s, v) => s with { ErrorFeedback = v },
                    "Whether the server of sto-sign keeps what its outputs left over; true when absent."
                ),
                new SpecKey<WorkersSpec, ByzantineSpec?>(
                    "byzantine",
                    new OptionalSection<ByzantineSpec>(Byzantine),
                    s => s.Byzantine,
                    (s, v) => s with { Byzantine = v },
                    "Workers that attack: the last ones."
                )
            )
        );

    /// <summary>Notes the faults of keys that do not go together.</summary>
    public static void Check(Spec spec, SpecFaults faults, Action<string, string> fault)
    {
        const string section = "training.workers";
        if (spec.Training.Workers is not { } workers || !faults.Sound(section))
        {
            return;
        }

        if (faults.Sound("training.optimizer") && !spec.Training.Optimizer.IsElementWise)
        {
            fault(
                "training.optimizer.kind",
                "chooses its own gradients; with training.workers take one of "
                    + "sgd, momentum, nesterov, adam, adamw, rmsprop, adagrad, mass, pnm, adapnm, sign-sgd"
            );
        }

        bool alone = workers.Aggregation is Aggregation.Local or Aggregation.GossipPga;
        bool gossip = workers.Aggregation == Aggregation.GossipPga;
        GoesWith(workers.Graph is not null, gossip, "graph", "gossip-pga");
        GoesWith(
            workers.Period is not null,
            alone || workers.Aggregation == Aggregation.Safeguard,
            "period",
            "local, gossip-pga and safeguard"
        );
        GoesWith(
            workers.ErrorFeedback is not null,
            workers.Aggregation == Aggregation.StoSign,
            "error-feedback",
            "sto-sign"
        );
        const string central = "mean, median, majority-vote, sto-sign and safeguard";
        GoesWith(workers.Noise > 0, !alone, "noise", central);
        GoesWith(workers.Byzantine is not null, !alone, "byzantine", central);
        if (alone && workers.Period is null)
        {
            fault(section, "period is missing: local and gossip-pga average over all workers every period steps");
        }

        if (gossip && workers.Graph is null)
        {
            fault(section, "graph is missing: gossip-pga needs one of ring, grid, complete");
        }

        if (workers is { Graph: WorkerGraph.Grid } && RowsOf(workers.Count) < 2)
        {
            fault(
                $"{section}.graph",
                $"{workers.Count} workers fill no grid of two rows and columns or more; choose ring, complete or another count"
            );
        }

        if (workers.Byzantine is { } byzantine)
        {
            CheckByzantine(spec, workers, byzantine, fault);
        }

        if (
            faults.Sound("data")
            && workers.Split == WorkerSplit.ByClass
            && spec.Data is GaussDataSpec { PerReplica: true, RandomLabels: > 0 }
        )
        {
            fault(
                $"{section}.split",
                "by-class needs the same labels in every replica; use iid, data.random-labels: 0 or data.per-replica: false"
            );
        }

        void GoesWith(bool given, bool applies, string key, string aggregations)
        {
            if (given && !applies)
            {
                fault($"{section}.{key}", $"goes with aggregation {aggregations} only");
            }
        }
    }

    /// <summary>Rows of a grid: the largest divisor of the count up to its root.</summary>
    public static int RowsOf(int count)
    {
        int rows = (int)Math.Sqrt(count);
        while (count % rows != 0)
        {
            rows--;
        }

        return rows;
    }

    private static void CheckByzantine(
        Spec spec,
        WorkersSpec workers,
        ByzantineSpec byzantine,
        Action<string, string> fault
    )
    {
        const string section = "training.workers.byzantine";
        if (2 * byzantine.Count >= workers.Count)
        {
            int most = (workers.Count - 1) / 2;
            fault(
                $"{section}.count",
                $"{byzantine.Count} of {workers.Count} workers; fewer than half can be Byzantine, "
                    + (most > 0 ? $"at most {most}" : "none")
            );
        }

        if (byzantine is { Delay: not null, Attack: not Attack.Delayed })
        {
            fault($"{section}.delay", "goes with attack delayed only");
        }

        if (byzantine.Attack == Attack.LabelFlip && spec.Data is RegressionDataSpec)
        {
            fault($"{section}.attack", "label-flip needs class labels, which the data has none of");
        }
    }
}
