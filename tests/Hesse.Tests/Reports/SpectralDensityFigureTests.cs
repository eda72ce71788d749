using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hesse.Planning;
using Hesse.Reports;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Tests.Reports;

/// <summary>spectral-density from the spec to figure and table, beside the density of all eigenvalues.</summary>
[Trait("Category", "Numerical")]
public sealed class SpectralDensityFigureTests : IDisposable
{
    private const int Parameters = 27;

    // Of each Gaussian, as a share of the axis: many nodes have the narrowest.
    private const double Bandwidth = 0.008;

    // Half the integral of |difference|, at most 1. With as many iterations as parameters the nodes are the eigenvalues, and of the weights,
    // means over 2,000 probes of numbers with the relative deviation sqrt 2, three per cent are left; half of that reaches the integral.
    private const double Sampling = 0.03;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("linear", "linear", "symlog")]
    [InlineData("log", "symlog", "linear")]
    public void Density_is_that_of_the_exact_spectrum_on_both_axes_the_chosen_one_first(
        string scale,
        string first,
        string second
    )
    {
        string text = $$"""
            version: 1
            name: density
            seed: 4
            precision: float64
            data: {kind: gauss, classes: 3, dimension: 4, samples: 12, mean-scale: 1.0, noise-scale: 1.0}
            network: {hidden: [3], activation: tanh}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 5}
            observe:
              - {quantity: hessian-spectrum, at: [5]}
              - {quantity: spectral-density, probes: 2000, iterations: {{Parameters}}, scale: {{scale}}, at: [5]}
            """;
        Spec spec = SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "density.yaml", "/");
        Experiment.Run(spec, new RunOptions { Output = _folder.PathOf("out"), Threads = 2 });
        FigureFiles figure = Report
            .Write(_folder.PathOf("out"))[0]
            .Figures.Single(one => Path.GetFileName(one.Files[0]) == "spectral-density.vl.json");
        double[] eigenvalues = NpyFile
            .Read(Path.Combine(_folder.PathOf("out"), "density", "arrays", "hessian-spectrum.npy"))
            .ToDoubles();
        eigenvalues.Length.ShouldBe(Parameters);

        foreach (string axis in (string[])["linear", "symlog"])
        {
            IReadOnlyDictionary<string, string>[] rows =
            [
                .. SmallReport.Rows(figure.Files[1]).Where(row => row["axis"] == axis),
            ];
            double[] grid = [.. rows.Select(row => SmallReport.Number(row["eigenvalue"]))];
            double[] density = Normalised(rows.Select(row => SmallReport.Number(row["mean"])));
            double[] exact = Exact(eigenvalues, grid);
            (density.Zip(exact, (a, b) => Math.Abs(a - b)).Sum() / 2).ShouldBeLessThan(Sampling, axis);
        }

        JsonNode view = JsonNode.Parse(File.ReadAllText(figure.Files[0]))!;
        view["hconcat"]!
            .AsArray()
            .Select(panel => panel!["transform"]![0]!["filter"]!.GetValue<string>())
            .ShouldBe([$"datum.axis == '{first}'", $"datum.axis == '{second}'"]);
    }

    // The grid is even on the axis as drawn, whatever that is: an eigenvalue's place on it is found between its neighbours.
    private static double[] Exact(double[] eigenvalues, double[] grid)
    {
        double width = Bandwidth * (grid.Length - 1);
        double[] density = new double[grid.Length];
        foreach (double eigenvalue in eigenvalues)
        {
            int above = Math.Clamp(Array.FindIndex(grid, x => x > eigenvalue), 1, grid.Length - 1);
            double place = above - 1 + ((eigenvalue - grid[above - 1]) / (grid[above] - grid[above - 1]));
            for (int i = 0; i < grid.Length; i++)
            {
                density[i] += Math.Exp(-0.5 * Math.Pow((i - place) / width, 2));
            }
        }

        return Normalised(density);
    }

    private static double[] Normalised(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double sum = all.Sum();
        sum.ShouldBeGreaterThan(0, sum.ToString(CultureInfo.InvariantCulture));
        return [.. all.Select(value => value / sum)];
    }
}
