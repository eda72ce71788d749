using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>The variance that early stopping watches, above the test loss that it is to keep small, with the step that it picks.</summary>
internal static class EarlyStopping
{
    private const string Quantity = "early-stopping";
    private const int MostSteps = 512;
    private const int PanelHeight = 220;

    /// <summary>Parts that the figure shows.</summary>
    public static IReadOnlyList<string> Scalars { get; } = [Quantity, $"{Quantity}.best-step", $"{Quantity}.stopped"];

    /// <summary>The figure, where the quantity is observed at two steps or more.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        if (
            setting.Find(Quantity) is { Times.Count: > 1 } variance
            && setting.Find(Quantity, "best-step") is { } best
            && setting.Find(Quantity, "stopped") is { } stopped
        )
        {
            yield return Draw(setting, variance, best, stopped);
        }
    }

    private static Figure Draw(StoredSetting setting, StoredArray variance, StoredArray best, StoredArray stopped)
    {
        Bands bands = new(setting.Manifest.Quantiles);
        (string Name, string Title, StoredArray Array)[] curves =
        [
            ("variance", "variance of outputs", variance),
            .. setting.Find("test-loss") is { Times.Count: > 1 } loss
                ? [("test-loss", "test loss", loss)]
                : Array.Empty<(string, string, StoredArray)>(),
        ];
        int last = Math.Max(variance.Times[^1], curves[^1].Array.Times[^1]);
        FigureTable table = new($"{Quantity}.csv", ["$curve", "step", .. bands.Columns]);
        List<JsonNode?> panels = [];
        // -1 where no variance is known yet.
        double[] picked = [.. best.ReadTimes([best.Times.Count - 1]).Where(step => step >= 0)];
        ReplicaDistribution steps = ReplicaDistribution.Of(picked, bands.Levels);
        FigureTable pick = new($"{Quantity}.picked.csv", bands.Columns.ToArray());
        pick.Add(Bands.Cells(steps));
        foreach ((string name, string title, StoredArray array) in curves)
        {
            List<double> extent = [];
            foreach (int time in Thinning.Even(array.Times.Count, MostSteps))
            {
                ReplicaDistribution one = ReplicaDistribution.Of(array.Read(time, [0]), bands.Levels);
                table.Add([name, array.Times[time], .. Bands.Cells(one)]);
                extent.AddRange(one.Quantiles);
            }

            panels.Add(Panel(bands, table, pick, name, title, AxisScale.Of(extent), last));
        }

        double[] ended = stopped.ReadTimes([stopped.Times.Count - 1]);
        int count = ended.Count(one => one > 0);
        return new Figure
        {
            Name = Quantity,
            Title = "Early stopping by the variance of outputs",
            Caption =
                $"Above the variance of the outputs over a window of observations{(curves.Length > 1 ? ", below the test loss" : string.Empty)}. Lines: medians; bands: {bands.Words} quantiles over {Words.Replicas(setting, variance.Replicas)}. "
                + $"Dashed: the step of the least variance, {Words.Median(bands, steps)}; shaded its {Words.Range(bands)} quantiles. {count} of {ended.Length} replicas have stopped before the last step.",
            Description =
                $"Line charts of the variance of the outputs and of the test loss against the training step; the picked step has {Words.Median(bands, steps)}.",
            View = new JsonObject { ["data"] = table.Reference(), ["vconcat"] = new JsonArray([.. panels]) },
            Tables = [table, pick],
        };
    }

    private static JsonObject Panel(
        Bands bands,
        FigureTable table,
        FigureTable pick,
        string name,
        string title,
        AxisScale scale,
        int last
    )
    {
        JsonObject y = Views.Axis(Bands.MedianColumn, scale, title);
        JsonObject Picked(JsonObject mark, params ReadOnlySpan<(string, JsonNode?)> channels)
        {
            JsonObject layer = Views.Layer(mark, channels);
            layer["data"] = pick.Reference();
            return layer;
        }

        JsonObject Place(double level) => Views.Numbers(Bands.Column(level));
        JsonObject x = Views.Axis("step", new AxisScale(ScaleKind.Linear, 0, last, 0), "step t", ",~r");
        JsonObject Curve(JsonObject layer)
        {
            layer["transform"] = new JsonArray(new JsonObject { ["filter"] = $"datum.curve == '{name}'" });
            layer["encoding"]!["x"] = x.DeepClone();
            return layer;
        }

        (double low, double high) = bands.Pairs[0];
        return new JsonObject
        {
            ["width"] = 2 * Views.HalfWidth,
            ["height"] = PanelHeight,
            ["layer"] = new JsonArray([
                Picked(
                    Views.Mark("rect", ("opacity", 0.1), ("color", "#808080")),
                    ("x", Place(low)),
                    ("x2", new JsonObject { ["field"] = Bands.Column(high) })
                ),
                Picked(Views.Mark("rule", ("strokeDash", new JsonArray(5, 4)), ("opacity", 0.7)), ("x", Place(0.5))),
                .. Views.Fan(bands, y, points: false).Select(Curve),
                Curve(Views.Hover(bands, y, ("step", "step"))),
            ]),
        };
    }
}
