using System.Text;
using Hesse.Observables;
using Hesse.Planning;
using Hesse.Reports;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Tests.Reports;

/// <summary>Figures of quantities with several parts, against the arrays from which they are made.</summary>
public sealed class QuantityFigureTests(QuantityFigureTests.Fixture fixture)
    : IClassFixture<QuantityFigureTests.Fixture>
{
    private const int Replicas = 9;

    // Interpolation between neighbours may be rounded differently.
    private const double Tolerance = 1e-12;

    private readonly Fixture _run = fixture;

    [Theory]
    [InlineData("pac-bayes-bound", "bound", "pac-bayes-bound")]
    [InlineData("pac-bayes-bound", "test error of θ\u209c", "pac-bayes-bound.test-error")]
    [InlineData("pac-bayes-bound.terms", "effective curvature", "pac-bayes-bound.effective-curvature")]
    [InlineData("pac-bayes-bound.terms", "both", "pac-bayes-bound.divergence")]
    [InlineData("stability-twins", "measured", "stability-twins")]
    [InlineData("stability-twins", "bound, divided by the smoothness", "stability-twins.bound-over-smoothness")]
    [InlineData("information-bound", "gap", "information-bound.gap")]
    [InlineData("information-bound.terms", "sensitivity", "information-bound.sensitivity")]
    public void Lines_are_medians_over_the_replicas(string figure, string line, string array)
    {
        double[] values = _run.Array(array);
        int times = values.Length / Replicas;
        IReadOnlyDictionary<string, string>[] rows = [.. _run.Table(figure).Where(row => row["line"] == line)];
        rows.Length.ShouldBe(times);
        for (int t = 0; t < times; t++)
        {
            double median = SmallReport.Quantile(
                Enumerable.Range(0, Replicas).Select(r => values[(r * times) + t]),
                0.5
            );
            SmallReport.Number(rows[t]["q50"]).ShouldBe(median, Tolerance * Math.Max(1, Math.Abs(median)));
        }
    }

    [Fact]
    public void Layers_have_lines_of_their_own()
    {
        double[] values = _run.Array("pac-bayes-bound.layer-norm"); // (R,T,2)
        IReadOnlyList<IReadOnlyDictionary<string, string>> table = _run.Table("pac-bayes-bound.layer-norm");
        IReadOnlyDictionary<string, string> last = table.Last(row => row["line"] == "layer 2");
        int row = values.Length / Replicas;
        double median = SmallReport.Quantile(
            Enumerable.Range(0, Replicas).Select(r => values[((r + 1) * row) - 1]),
            0.5
        );
        SmallReport.Number(last["q50"]).ShouldBe(median, Tolerance * Math.Max(1, Math.Abs(median)));
    }

    [Fact]
    public void Early_stopping_shows_the_picked_step_and_the_test_loss()
    {
        _run.Table("early-stopping").Select(row => row["curve"]).Distinct().ShouldBe(["variance", "test-loss"]);
        double[] best = _run.Array("early-stopping.best-step");
        int times = best.Length / Replicas;
        double median = SmallReport.Quantile(
            Enumerable.Range(0, Replicas).Select(r => best[((r + 1) * times) - 1]),
            0.5
        );
        SmallReport.Number(_run.Table("early-stopping.picked")[0]["q50"]).ShouldBe(median);
    }

    [Fact]
    public void Paths_are_those_of_the_first_replicas_and_of_every_setting()
    {
        double[] points = _run.Array("iterate-projection"); // (R,T,2)
        int row = points.Length / Replicas;
        IReadOnlyDictionary<string, string> last = _run.Table("iterate-projection").Last(one => one["path"] == "3");
        SmallReport.Number(last["first"]).ShouldBe(points[(4 * row) - 2]);
        SmallReport.Number(last["second"]).ShouldBe(points[(4 * row) - 1]);

        IReadOnlyList<IReadOnlyDictionary<string, string>> compared = _run.Table("compared.iterate-projection", "");
        compared.Select(one => one["path"]).Distinct().Count().ShouldBe(2);
        SmallReport.Number(compared[0]["first"]).ShouldBe(points[0]);
    }

    [Fact]
    public void What_a_figure_of_several_lines_shows_has_no_figure_of_its_own()
    {
        string[] names = [.. _run.Files.Figures.Select(figure => figure.Figure).Distinct()];
        names.ShouldContain("stability-twins.gap");
        names.ShouldNotContain("stability-twins.loss-sum");
        names.ShouldNotContain("pac-bayes-bound.pinsker");
        names.ShouldNotContain("early-stopping.stopped");
    }

    [Fact]
    public void Every_label_is_that_of_a_quantity_and_one_without_a_label_goes_by_its_name()
    {
        foreach (string name in QuantityLabels.Known.Keys)
        {
            QuantityCatalogue.Find(name.Split('.')[0]).ShouldNotBeNull(name);
        }

        QuantityLabel unknown = QuantityLabel.Of("gradient-tests", "gsnr");
        unknown.Title.ShouldBe("Gradient tests: gsnr");
        unknown.Definition.ShouldNotContain("Parts:");
    }

    [Fact]
    public void The_page_says_what_to_cite() =>
        File.ReadAllText(_run.Files.Page).ShouldContain("@misc{one,\n  title = {A &lt;b&gt; paper}\n}");

    /// <summary>One run for all tests here.</summary>
    public sealed class Fixture : IDisposable
    {
        private const string Spec = """
            version: 1
            name: bounds
            seed: 5
            replicas: 9
            data: {kind: gauss, classes: 2, dimension: 3, samples: 8, test-samples: 6, mean-scale: 1.0, noise-scale: 1.0}
            network: {hidden: [3], activation: tanh}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 12}
            observe:
              - {quantity: test-loss, every: 2}
              - {quantity: pac-bayes-bound, draws: 5, every: 6}
              - {quantity: early-stopping, window: 3, patience: 4, every: 1}
              - {quantity: stability-twins, twins: 2, every: 4}
              - {quantity: information-bound, draws: 2, every: 3}
              - {quantity: iterate-projection, every: 1}
            statistics: {quantiles: [0.1, 0.5, 0.9]}
            sweep: {training.optimizer.step-size: [0.1, 0.05]}
            cite: |
              @misc{one,
                title = {A <b> paper}
              }
            """;

        private readonly TemporaryFolder _folder = new();

        public Fixture()
        {
            Spec spec = SpecReader.Parse(Encoding.UTF8.GetBytes(Spec), SpecFormat.Yaml, "bounds.yaml", "/");
            Experiment.Run(spec, new RunOptions { Output = _folder.PathOf("out"), Threads = 2 });
            Files = Report.Write(_folder.PathOf("out"))[0];
        }

        internal ReportFiles Files { get; }

        internal double[] Array(string name) =>
            NpyFile.Read(Path.Combine(Root("optimizer.step-size-0.1"), "arrays", name + ".npy")).ToDoubles();

        internal IReadOnlyList<IReadOnlyDictionary<string, string>> Table(
            string name,
            string slug = "optimizer.step-size-0.1"
        ) => SmallReport.Rows(Path.Combine(Root(slug), "figures", name + ".csv"));

        public void Dispose() => _folder.Dispose();

        private string Root(string slug) => Path.Combine(_folder.PathOf("out"), "bounds", slug);
    }
}
