using System.Text.Json.Nodes;
using Hesse.Planning;
using Hesse.Reports;
using Hesse.Stores;
using Hesse.Tests.Stores;

namespace Hesse.Tests.Reports;

/// <summary>The numbers of the figures against the arrays from which they are made, computed a second time here.</summary>
public sealed class FigureTests(FigureTests.Fixture fixture) : IClassFixture<FigureTests.Fixture>
{
    // Interpolation between neighbours may be rounded differently.
    private const double Tolerance = 1e-12;

    // A Gaussian is cut off at 4 standard deviations, and the grid has a finite step.
    private const double DensityTolerance = 0.02;

    private readonly SmallReport _report = fixture.Report;

    [Fact]
    public void Curves_hold_the_quantiles_of_the_array()
    {
        double[] loss = _report.Array("loss");
        IReadOnlyList<IReadOnlyDictionary<string, string>> table = _report.Table("loss");
        table.Count.ShouldBe(13);
        for (int t = 0; t < 13; t++)
        {
            double[] column = [.. Enumerable.Range(0, SmallReport.Replicas).Select(r => loss[(r * 13) + t])];
            table[t]["step"].ShouldBe($"{t}");
            table[t]["n"].ShouldBe($"{SmallReport.Replicas}");
            table[t]["diverged"].ShouldBe("0");
            SmallReport.Number(table[t]["mean"]).ShouldBe(column.Average(), Tolerance);
            SmallReport.Number(table[t]["q10"]).ShouldBe(SmallReport.Quantile(column, 0.1), Tolerance);
            SmallReport.Number(table[t]["q50"]).ShouldBe(SmallReport.Quantile(column, 0.5), Tolerance);
            SmallReport.Number(table[t]["q90"]).ShouldBe(SmallReport.Quantile(column, 0.9), Tolerance);
        }

        IReadOnlyDictionary<string, string> path = _report.Table("loss.paths")[(5 * 13) + 7];
        (path["replica"], path["step"]).ShouldBe(("5", "7"));
        SmallReport.Number(path["value"]).ShouldBe(loss[(5 * 13) + 7]);
    }

    [Fact]
    public void Spectra_are_ranked_from_both_ends()
    {
        double[] spectrum = _report.Array("hessian-spectrum");
        int p = spectrum.Length / (2 * SmallReport.Replicas);
        double Median(int time, int index) =>
            SmallReport.Quantile(
                Enumerable.Range(0, SmallReport.Replicas).Select(r => spectrum[(((r * 2) + time) * p) + index]),
                0.5
            );

        IReadOnlyList<IReadOnlyDictionary<string, string>> table = _report.Table("hessian-spectrum");
        Row("largest", "0", "1").ShouldBe(Median(0, p - 1), Tolerance);
        Row("largest", "12", "3").ShouldBe(Median(1, p - 3), Tolerance);
        Row("smallest", "0", "1").ShouldBe(Median(0, 0), Tolerance);
        Row("smallest", "12", "2").ShouldBe(Median(1, 1), Tolerance);
        _report.Table("second-moment-spectrum").ShouldAllBe(row => row["end"] == "largest");

        double Row(string end, string step, string rank) =>
            SmallReport.Number(
                table.Single(row => row["end"] == end && row["step"] == step && row["rank"] == rank)["q50"]
            );
    }

    [Theory]
    [InlineData("hessian-spectrum.density")]
    [InlineData("spectral-density")]
    public void Densities_integrate_to_one_on_the_linear_axis(string figure)
    {
        IReadOnlyDictionary<string, string>[] rows =
        [
            .. _report.Table(figure).Where(row => row["axis"] == "linear" && row["step"] == "12"),
        ];
        double step = SmallReport.Number(rows[1]["eigenvalue"]) - SmallReport.Number(rows[0]["eigenvalue"]);
        (step * rows.Sum(row => SmallReport.Number(row["mean"]))).ShouldBe(1, DensityTolerance);
    }

    [Fact]
    public void Largest_eigenvalues_come_with_the_threshold_of_heavy_ball()
    {
        double[] top = _report.Array("top-eigenvalues");
        double[] second = [.. Enumerable.Range(0, SmallReport.Replicas).Select(r => top[(((r * 3) + 2) * 2) + 1])];
        SmallReport
            .Number(_report.Table("top-eigenvalues").Single(row => row["line"] == "λ₂" && row["step"] == "12")["q50"])
            .ShouldBe(SmallReport.Quantile(second, 0.5), Tolerance);
        _report.Table("top-eigenvalues").Count(row => row["line"] == "smallest").ShouldBe(3);
        // 2 (1 + 0.5) / 0.05, far above every eigenvalue here: only told.
        JsonNode.Parse(File.ReadAllText(PathOf("sharpness.vl.json")))!["description"]!
            .GetValue<string>()
            .ShouldContain("2(1+β)/η = 60");
    }

    [Fact]
    public void Histograms_count_every_replica_once()
    {
        _report.Table("trace").Sum(row => int.Parse(row["replicas"])).ShouldBe(SmallReport.Replicas);
    }

    [Fact]
    public void Principal_angles_lie_by_number()
    {
        double[] cosines = _report.Array("principal-angles");
        SmallReport
            .Number(_report.Table("principal-angles")[1]["q50"])
            .ShouldBe(SmallReport.Quantile(cosines.Where((_, i) => i % 3 == 1), 0.5), Tolerance);
    }

    [Fact]
    public void Every_specification_reads_files_that_lie_beside_it()
    {
        foreach (FigureFiles figure in _report.Files.Figures)
        {
            JsonNode specification = JsonNode.Parse(File.ReadAllText(figure.Files[0]))!;
            string[] read = [.. Urls(specification)];
            read.ShouldNotBeEmpty();
            read.Distinct().Order().ShouldBe(figure.Files.Skip(1).Select(file => Path.GetFileName(file)!).Order());
            specification["description"]!.GetValue<string>().ShouldContain("replicas");
        }
    }

    [Fact]
    public void The_same_store_gives_the_same_bytes()
    {
        SortedDictionary<string, byte[]> before = SmallResult.Snapshot(_report.Folder);
        Report.Write(_report.Folder);
        SortedDictionary<string, byte[]> after = SmallResult.Snapshot(_report.Folder);
        after.Keys.ShouldBe(before.Keys);
        after.ShouldAllBe(file => file.Value.SequenceEqual(before[file.Key]));
    }

    [Fact]
    public void Diverged_replicas_are_counted_and_in_no_number()
    {
        using TemporaryFolder folder = new();
        ResultPaths paths = SmallResult.Paths(folder.PathOf("small"));
        SmallResult.Run(DiskFiles.Instance, paths, SmallResult.Wanted(300, SmallResult.Loss, SmallResult.Spectrum));
        File.WriteAllText(paths.Spec, SmallReport.MinimalSpec);
        Reseal(paths);
        ExperimentFigures figures = ExperimentFigures.Of(StoredExperiment.Find(DiskFiles.Instance, folder.Root)[0]);

        // Replicas 7, 57, 107, ... have no loss at step 2.
        string[] row = LastRow(figures.OfSettings[0].Single(figure => figure.Name == "loss"));
        row[..3].ShouldBe(["2", "294", "6"]);
        double mean = Enumerable.Range(0, 300).Where(r => r % 50 != 7).Average(r => SmallResult.LossOf(r, 2));
        SmallReport.Number(row[3]).ShouldBe(mean, Tolerance);
    }

    [Fact]
    public void Finished_chunks_of_an_unfinished_run_are_shown()
    {
        using TemporaryFolder folder = new();
        ResultPaths paths = SmallResult.Paths(folder.PathOf("small"));
        SmallResult.Run(DiskFiles.Instance, paths, SmallResult.Wanted(300, SmallResult.Loss), chunks: 1);
        File.WriteAllText(paths.Spec, SmallReport.MinimalSpec);
        StoredExperiment experiment = StoredExperiment.Find(DiskFiles.Instance, folder.Root)[0];
        experiment.Settings[0].Done.ShouldBe(256);
        experiment.Settings[0].Diverged.ShouldBe(5);
        ExperimentFigures figures = ExperimentFigures.Of(experiment);
        LastRow(figures.OfSettings[0].Single(figure => figure.Name == "loss"))[1..3].ShouldBe(["251", "5"]);
    }

    // The pretended result has no real spec; with another one its manifest has to be written again.
    private static void Reseal(ResultPaths paths)
    {
        ManifestRecord manifest = ManifestFile.Read(DiskFiles.Instance, paths);
        (long bytes, string crc32C, string sha256) = ChecksumStream.OfFile(DiskFiles.Instance, paths.Spec);
        FileRecord[] files =
        [
            .. manifest.Files.Select(file =>
                file.File == "spec.json" ? new FileRecord(file.File, bytes, crc32C, sha256) : file
            ),
        ];
        ManifestFile.Write(DiskFiles.Instance, paths, manifest with { Files = files });
    }

    private static string[] LastRow(Figure figure) => figure.Tables[0].ToCsv().TrimEnd().Split('\n')[^1].Split(',');

    private string PathOf(string file) => Path.Combine(_report.Folder, "small", "figures", file);

    private static IEnumerable<string> Urls(JsonNode? node) =>
        node switch
        {
            JsonObject members => members.SelectMany(member =>
                member is { Key: "url", Value: JsonValue url } ? [url.GetValue<string>()] : Urls(member.Value)
            ),
            JsonArray items => items.SelectMany(Urls),
            _ => [],
        };

    /// <summary>One report for all tests here.</summary>
    public sealed class Fixture : IDisposable
    {
        internal SmallReport Report { get; } = new();

        public void Dispose() => Report.Dispose();
    }
}
