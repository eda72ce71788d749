using System.Globalization;
using System.Text.Json.Nodes;
using Hesse.Reports;

namespace Hesse.Tests.Reports;

public sealed class ReportPageTests(ReportPageTests.Fixture fixture) : IClassFixture<ReportPageTests.Fixture>
{
    private readonly SmallReport _report = fixture.Report;

    [Fact]
    public void No_text_of_a_user_becomes_markup()
    {
        string page = _report.Page;
        page.ShouldNotContain("<img src=x");
        page.ShouldContain("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;");
    }

    [Fact]
    public void Policy_lets_only_the_pages_own_scripts_run()
    {
        string page = _report.Page;
        page.ShouldContain("default-src 'none'");
        page.ShouldNotContain("unsafe-eval");
        page.ShouldNotContain("connect-src");
        page.Split("script-src ")[1].Split(';')[0].ShouldNotContain("unsafe");
        page.ShouldNotContain("src=\"http");
    }

    [Fact]
    public void Settings_are_compared_in_the_order_of_their_values()
    {
        string page = _report.Page;
        page.IndexOf("step size = 0.02", StringComparison.Ordinal)
            .ShouldBeLessThan(page.IndexOf("step size = 0.1", StringComparison.Ordinal));
        string[] compared =
        [
            .. _report.Files.Figures.Where(figure => figure.Setting.Length == 0).Select(figure => figure.Figure),
        ];
        compared.ShouldContain("compared.loss");
        compared.ShouldContain("final.trace");
        compared.ShouldContain("final.hessian-spectrum.largest");
        _report.Table("final.loss").Select(row => row["value"]).ShouldBe(["0.02", "0.05", "0.1"]);
        double[] loss = _report.Array("loss", "optimizer.step-size-0.1");
        SmallReport
            .Number(_report.Table("final.loss")[2]["q50"])
            .ShouldBe(SmallReport.Quantile(loss.Where((_, i) => i % 13 == 12), 0.5));
    }

    [Fact]
    public void Sharpness_of_several_settings_comes_with_the_thresholds_that_are_near()
    {
        // 2 (1 + momentum) / step-size: 6 and 5 are near, 300 would press the curves to the floor.
        using SmallReport report = new("sweep: {training.optimizer.step-size: [0.01, 0.5, 0.6]}");
        double largest = report.Table("compared.sharpness").Max(row => SmallReport.Number(row["q90"]));
        largest.ShouldBeInRange(1.5, 75);
        report
            .Table("compared.sharpness.reference")
            .Select(row => (row["setting"], row["reference"]))
            .Distinct()
            .ShouldBe([("step size = 0.5", "6"), ("step size = 0.6", "5")]);
    }

    [Fact]
    public void Tables_and_spec_stand_in_the_page_itself()
    {
        string page = _report.Page;
        page.ShouldContain("&quot;step-size&quot;: 0.02");
        page.ShouldContain(
            string.Create(CultureInfo.InvariantCulture, $"{SmallReport.Replicas} / {SmallReport.Replicas}")
        );
        page.ShouldContain("generated from the seed");
    }

    [Fact]
    public void Report_names_its_files_in_json()
    {
        (int code, string output, string error) = Cli.CommandLine.Run("report", _report.Folder, "--json");
        code.ShouldBe(0, error);
        JsonNode report = JsonNode.Parse(output)!["reports"]![0]!;
        report["experiment"]!.GetValue<string>().ShouldBe("small");
        File.Exists(report["page"]!.GetValue<string>()).ShouldBeTrue();
        string[] files =
        [
            .. report["figures"]!
                .AsArray()
                .SelectMany(figure => figure!["files"]!.AsArray())
                .Select(file => file!.GetValue<string>()),
        ];
        files.Length.ShouldBeGreaterThan(20);
        files.ShouldAllBe(file => File.Exists(file));
    }

    [Fact]
    public void One_setting_stands_for_its_whole_experiment()
    {
        (int code, string output, _) = Cli.CommandLine.Run(
            "report",
            Path.Combine(_report.Folder, "small", "optimizer.step-size-0.1")
        );
        code.ShouldBe(0);
        output.ShouldStartWith(_report.Files.Page);
    }

    [Fact]
    public void A_folder_without_results_is_exit_66()
    {
        using TemporaryFolder folder = new();
        Cli.CommandLine.Run("report", folder.Root).Code.ShouldBe(66);
        Cli.CommandLine.Run("report", folder.PathOf("missing")).Code.ShouldBe(66);
    }

    /// <summary>One report for all tests here.</summary>
    public sealed class Fixture : IDisposable
    {
        internal SmallReport Report { get; } = new("sweep: {training.optimizer.step-size: [0.1, 0.02, 0.05]}");

        public void Dispose() => Report.Dispose();
    }
}
