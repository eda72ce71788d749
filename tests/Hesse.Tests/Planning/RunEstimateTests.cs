using System.Text;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Tests.Planning;

/// <summary>The estimate names the stages of a run and scales them to all replicas and settings; how long they take is no test's matter.</summary>
public sealed class RunEstimateTests : IDisposable
{
    private const string Text = """
        version: 1
        name: plan
        replicas: 20
        data: {kind: gauss, classes: 2, dimension: 3, samples: 12}
        network: {hidden: [4]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 6}
        observe: [{quantity: loss, every: 2}, {quantity: hessian-spectrum, at: [6]}]
        sweep: {training.batch.size: [2, 4]}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Stages_are_those_of_the_run()
    {
        Spec spec = Spec(Text);
        RunEstimate estimate = RunEstimate.Of(spec, new RunOptions());
        RunReport report = Experiment.Run(spec, new RunOptions { Output = _folder.PathOf("out") });
        estimate
            .Stages.Select(stage => stage.Key)
            .Order(StringComparer.Ordinal)
            .ShouldBe(report.Stages.Select(stage => stage.Key).Order(StringComparer.Ordinal));
        estimate.Stages.ShouldAllBe(stage => stage.Value > 0 && double.IsFinite(stage.Value));
        estimate.Seconds.ShouldBe(estimate.Stages.Sum(stage => stage.Value));
    }

    [Fact]
    public void An_experiment_without_steps_or_observations_can_be_estimated()
    {
        Spec spec = Spec(
            Text.Replace("steps: 6", "steps: 0", StringComparison.Ordinal)
                .Replace(
                    "[{quantity: loss, every: 2}, {quantity: hessian-spectrum, at: [6]}]",
                    "[]",
                    StringComparison.Ordinal
                )
        );
        RunEstimate estimate = RunEstimate.Of(spec, new RunOptions());
        estimate.Stages[0].ShouldBe(new("training", 0));
        estimate.Stages.ShouldAllBe(stage => double.IsFinite(stage.Value));
    }

    private static Spec Spec(string text) =>
        SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "plan.yaml", ".");
}
