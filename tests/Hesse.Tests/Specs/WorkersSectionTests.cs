using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Tests.Specs;

/// <summary>training.workers: what is read, written and refused.</summary>
public sealed class WorkersSectionTests
{
    [Fact]
    public void Every_key_is_read_and_reads_back()
    {
        Spec spec = Read(
            "{count: 10, aggregation: median, noise: 0.5, split: by-class, byzantine: {count: 4, attack: delayed, delay: 5}}"
        );
        spec.Training.Workers.ShouldBe(
            new WorkersSpec
            {
                Count = 10,
                Aggregation = Aggregation.Median,
                Noise = 0.5,
                Split = WorkerSplit.ByClass,
                Byzantine = new ByzantineSpec
                {
                    Count = 4,
                    Attack = Attack.Delayed,
                    Delay = 5,
                },
            }
        );
        SpecReader.Check(spec).Training.ShouldBe(spec.Training);
        Read("{count: 6, aggregation: gossip-pga, period: 8, graph: grid}")
            .Training.Workers.ShouldBe(
                new WorkersSpec
                {
                    Count = 6,
                    Aggregation = Aggregation.GossipPga,
                    Period = 8,
                    Graph = WorkerGraph.Grid,
                }
            );
        Read("{count: 6, aggregation: sto-sign, error-feedback: false}")
            .Training.Workers!.ErrorFeedback.ShouldBe(false);
    }

    [Fact]
    public void Specs_without_workers_keep_their_identity()
    {
        Spec plain = SpecText.Read(SpecText.Minimal);
        SpecWriter.Canonical(plain).ShouldNotContain("workers");
        SpecWriter.Identity(plain).ShouldNotBe(SpecWriter.Identity(Read("{count: 1, aggregation: mean}")));
    }

    [Theory]
    [InlineData("aggregation: local", "training.workers: period is missing: local and gossip-pga average over all")]
    [InlineData("aggregation: gossip-pga, period: 2", "graph is missing: gossip-pga needs one of ring, grid, complete")]
    [InlineData("aggregation: mean, graph: ring", "training.workers.graph: goes with aggregation gossip-pga only")]
    [InlineData(
        "aggregation: majority-vote, period: 3",
        "training.workers.period: goes with aggregation local, gossip-pga and safeguard only"
    )]
    [InlineData(
        "aggregation: local, period: 3, noise: 1",
        "training.workers.noise: goes with aggregation mean, median, majority-vote, sto-sign and safeguard only"
    )]
    [InlineData(
        "aggregation: local, period: 3, byzantine: {count: 1, attack: zero}",
        "training.workers.byzantine: goes with aggregation mean, median, majority-vote, sto-sign and safeguard only"
    )]
    [InlineData("aggregation: mean, error-feedback: true", "error-feedback: goes with aggregation sto-sign only")]
    [InlineData(
        "aggregation: mean, byzantine: {count: 4, attack: zero}",
        "training.workers.byzantine.count: 4 of 7 workers; fewer than half can be Byzantine, at most 3"
    )]
    [InlineData(
        "aggregation: mean, byzantine: {count: 1, attack: zero, delay: 4}",
        "training.workers.byzantine.delay: goes with attack delayed only"
    )]
    [InlineData("aggregation: medium", "did you mean 'median'?")]
    [InlineData(
        "aggregation: mean, byzantine: {count: 1, attack: flip}",
        "unknown value 'flip'; valid: sign-flip, zero, label-flip"
    )]
    [InlineData(
        "aggregation: gossip-pga, period: 2, graph: grid",
        "training.workers.graph: 7 workers fill no grid of two rows and columns or more; choose ring, complete"
    )]
    [InlineData("aggregation: mean, rounds: 2", "unknown key 'rounds'")]
    public void Keys_that_do_not_go_together_are_one_line(string keys, string message)
    {
        HesseException failure = Should.Throw<HesseException>(() => Read($"{{count: 7, {keys}}}"));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain(message);
        failure.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void Labels_that_differ_between_replicas_are_not_split_by_class()
    {
        string text = SpecText
            .Minimal.Replace(
                "{kind: gauss}",
                "{kind: gauss, per-replica: true, random-labels: 0.1}",
                StringComparison.Ordinal
            )
            .Replace(
                "steps: 20",
                "steps: 20, workers: {count: 2, aggregation: mean, split: by-class}",
                StringComparison.Ordinal
            );
        Should
            .Throw<HesseException>(() => SpecText.Read(text))
            .Message.ShouldContain("training.workers.split: by-class needs");
    }

    [Fact]
    public void Workers_can_be_swept()
    {
        Spec spec = SpecText.Read(
            SpecText.Minimal.Replace(
                "steps: 20",
                "steps: 20, workers: {count: 5, aggregation: mean, byzantine: {count: 1, attack: zero}}",
                StringComparison.Ordinal
            )
                + "sweep: {training.workers.aggregation: [mean, safeguard], training.workers.byzantine.attack: [zero, variance]}\n"
        );
        IReadOnlyList<SweepSetting> settings = SweepExpansion.Expand(spec);
        settings.Count.ShouldBe(4);
        settings[3].Spec.Training.Workers!.Aggregation.ShouldBe(Aggregation.Safeguard);
        settings[3].Spec.Training.Workers!.Byzantine!.Attack.ShouldBe(Attack.Variance);
    }

    private static Spec Read(string workers) =>
        SpecText.Read(
            SpecText.Minimal.Replace("steps: 20", $"steps: 20, workers: {workers}", StringComparison.Ordinal)
        );
}
