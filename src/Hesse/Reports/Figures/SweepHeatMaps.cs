using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>Medians at the last step over a grid of two swept keys, one panel for each combination of the others.</summary>
internal static class SweepHeatMaps
{
    private const int MostCells = 10_000;
    private const int MostPanels = 12;
    private const int CellWidth = 64;
    private const int CellHeight = 36;
    private const int MostLabelledCells = 400;
    private const int PageWidth = 880;
    private const int AxisWidth = 60;
    private const int LetterWidth = 7;

    /// <summary>One figure for each number that two settings or more have, in a sweep of two keys or more.</summary>
    public static IEnumerable<Figure> Of(StoredExperiment experiment)
    {
        // Numbers first: a grid of step and batch size is what is looked for.
        SweptKey[] keys = [.. experiment.Swept.OrderBy(key => key.IsNumeric ? 0 : 1)];
        // What is no full grid (whole optimizers swept, values added later) would be mostly empty.
        long grid = keys.Aggregate(1L, (product, key) => product * key.Distinct.Count);
        if (keys.Length < 2 || experiment.Settings.Count > MostCells || experiment.Settings.Count != grid)
        {
            yield break;
        }

        string[] panels = [.. experiment.Settings.Select((_, i) => Panel(keys, i))];
        if (panels.Distinct(StringComparer.Ordinal).Count() > MostPanels)
        {
            yield break;
        }

        foreach (ComparedSeries series in ComparedSeries.Of(experiment))
        {
            yield return Of(experiment, series, keys, panels);
        }
    }

    private static string Panel(SweptKey[] keys, int setting) =>
        string.Join(", ", keys.Skip(2).Select(key => $"{key.Label} = {SweptKeys.Shown(key.Values[setting])}"));

    private static Figure Of(StoredExperiment experiment, ComparedSeries series, SweptKey[] keys, string[] panels)
    {
        string name = $"sweep.{series.Name}";
        Bands bands = new(experiment.Settings[0].Manifest.Quantiles);
        FigureTable table = new($"{name}.csv", ["$x", "$y", "$panel", "$label", "step", .. bands.Columns]);
        List<double> medians = [];
        foreach ((string label, ScalarSeries one) in series.Members)
        {
            int setting = ((IList<string>)experiment.Labels).IndexOf(label);
            (int step, ReplicaDistribution last) = one.Last(bands);
            double median = bands.MedianOf(last);
            string shown = last.Count == 0 ? "diverged" : Words.Short(median);
            table.Add([
                SweptKeys.Shown(keys[0].Values[setting]),
                SweptKeys.Shown(keys[1].Values[setting]),
                panels[setting],
                shown,
                step,
                .. Bands.Cells(last),
            ]);
            medians.Add(median);
        }

        return new Figure
        {
            Name = name,
            Title = $"{series.Label.Title} at the last step, over {keys[0].Label} and {keys[1].Label}",
            Caption =
                $"{series.Label.Definition} Medians over {series.Replicas(experiment)}; the .csv has n, diverged and the {bands.Words} quantiles of each.",
            Description =
                $"Heat map with {series.Members.Count} cells; medians from {Words.Short(medians.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min())} "
                + $"to {Words.Short(medians.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max())}.",
            View = View(table, series, keys, medians, panels),
            Tables = [table],
        };
    }

    private static JsonObject View(
        FigureTable table,
        ComparedSeries series,
        SweptKey[] keys,
        List<double> medians,
        string[] panels
    )
    {
        AxisScale scale = AxisScale.Of(medians, series.Label.MayBeLog);
        double[] finite = [.. medians.Where(double.IsFinite).DefaultIfEmpty(1)];
        double middle = scale.Inverse((scale.Transform(finite.Min()) + scale.Transform(finite.Max())) / 2);
        JsonObject color = Views.Numbers(Bands.MedianColumn);
        color["title"] = series.Label.Axis;
        JsonObject shades = new() { ["type"] = scale.Kind == ScaleKind.Log ? "log" : "linear", ["nice"] = false };
        if (scale.Kind == ScaleKind.Linear)
        {
            shades["zero"] = false;
        }

        color["scale"] = shades;
        color["legend"] = new JsonObject { ["format"] = ".3~g" };
        JsonObject cells = new()
        {
            ["width"] = new JsonObject { ["step"] = CellWidth },
            ["height"] = new JsonObject { ["step"] = CellHeight },
            ["encoding"] = new JsonObject { ["x"] = Position("x", keys[0]), ["y"] = Position("y", keys[1]) },
        };
        JsonArray layers = new(Views.Layer(Views.Mark("rect"), ("color", color)));
        if (medians.Count <= MostLabelledCells)
        {
            // Viridis ends bright: dark text in its upper half, and where nothing is drawn, grey.
            JsonObject ink = new()
            {
                ["condition"] = new JsonArray(
                    new JsonObject { ["test"] = "datum.n == 0", ["value"] = "#808080" },
                    new JsonObject
                    {
                        ["test"] =
                            $"datum.{Bands.MedianColumn} > {middle.ToString("R", System.Globalization.CultureInfo.InvariantCulture)}",
                        ["value"] = "#000000",
                    }
                ),
                ["value"] = "#ffffff",
            };
            layers.Add(
                Views.Layer(
                    Views.Mark("text"),
                    ("text", new JsonObject { ["field"] = "label", ["type"] = "nominal" }),
                    ("color", ink)
                )
            );
        }

        cells["layer"] = layers;
        if (keys.Length == 2)
        {
            cells["data"] = table.Reference();
            return cells;
        }

        return new JsonObject
        {
            ["data"] = table.Reference(),
            ["columns"] = Math.Clamp(PageWidth / PanelWidth(keys[0], panels), 1, 3),
            ["facet"] = new JsonObject
            {
                ["field"] = "panel",
                ["type"] = "nominal",
                ["title"] = null,
                ["sort"] = new JsonArray([
                    .. panels.Distinct(StringComparer.Ordinal).Select(panel => JsonValue.Create(panel)),
                ]),
            },
            ["spec"] = cells,
        };
    }

    /// <summary>Pixels of a panel: its cells, or its heading, and room for an axis.</summary>
    private static int PanelWidth(SweptKey across, string[] panels) =>
        AxisWidth + Math.Max(CellWidth * across.Distinct.Count, LetterWidth * panels.Max(panel => panel.Length));

    private static JsonObject Position(string field, SweptKey key) =>
        new()
        {
            ["field"] = field,
            ["type"] = "ordinal",
            ["title"] = key.Label,
            ["sort"] = new JsonArray([.. key.Distinct.Select(value => JsonValue.Create(SweptKeys.Shown(value)))]),
            ["axis"] = new JsonObject { ["labelAngle"] = 0, ["grid"] = false },
        };
}
