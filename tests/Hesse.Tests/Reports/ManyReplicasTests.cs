using System.Text;
using Hesse.Planning;
using Hesse.Reports;
using Hesse.Specs;

namespace Hesse.Tests.Reports;

/// <summary>What a report of ten thousand replicas weighs.</summary>
public sealed class ManyReplicasTests : IDisposable
{
    private const int LargestPage = 10_000_000;

    private const string Text = """
        version: 1
        name: many
        replicas: 10000
        data: {kind: gauss, classes: 2, dimension: 3, samples: 6, test-samples: 4}
        network: {hidden: [2], activation: tanh}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 2, order: epochs}, steps: 60}
        observe:
          - {quantity: loss, every: 1}
          - {quantity: hessian-spectrum, at: [1, 60]}
          - {quantity: second-moment-spectrum, at: [60]}
          - {quantity: iterate-projection, every: 20}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Its_page_stays_below_ten_megabytes_and_draws_every_figure()
    {
        Spec spec = SpecReader.Parse(Encoding.UTF8.GetBytes(Text), SpecFormat.Yaml, "many.yaml", "/");
        Experiment.Run(spec, new RunOptions { Output = _folder.Root });
        ReportFiles report = Report.Write(_folder.Root)[0];

        new FileInfo(report.Page).Length.ShouldBeLessThan(LargestPage);
        File.ReadAllText(report.Page).ShouldNotContain("It is not drawn here");
        string[] paths = File.ReadAllLines(_folder.PathOf("many/figures/loss.paths.csv"));
        paths.Skip(1).Select(line => line.Split(',')[0]).Distinct().Count().ShouldBe(100);
    }
}
