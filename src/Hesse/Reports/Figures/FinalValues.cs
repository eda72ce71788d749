using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>
/// Each number at its last step for every setting: against the swept key if that is one number, else as a list of intervals where
/// the settings' curves are not drawn over each other.
/// </summary>
internal static class FinalValues
{
    private const int MostSettings = 60;
    private const int RowHeight = 26;

    /// <summary>One figure for each number that two settings or more have.</summary>
    public static IEnumerable<Figure> Of(StoredExperiment experiment)
    {
        bool overKey = experiment.Swept is [{ IsNumeric: true } key] && key.Distinct.Count > 2;
        if (experiment.Settings.Count < 2 || (!overKey && experiment.Settings.Count > MostSettings))
        {
            yield break;
        }

        foreach (ComparedSeries series in ComparedSeries.Of(experiment))
        {
            if (overKey || !ComparedCurves.Draws(experiment, series))
            {
                yield return Of(experiment, series, overKey ? experiment.Swept[0] : null);
            }
        }
    }

    private static Figure Of(StoredExperiment experiment, ComparedSeries series, SweptKey? key)
    {
        string name = $"final.{series.Name}";
        Bands bands = new(experiment.Settings[0].Manifest.Quantiles);
        FigureTable table = new($"{name}.csv", ["$setting", "value", "step", .. bands.Columns]);
        List<double> extent = [];
        List<string> words = [];
        List<double> places = [];
        foreach ((string label, ScalarSeries one) in series.Members)
        {
            (int step, ReplicaDistribution last) = one.Last(bands);
            int setting = ((IList<string>)experiment.Labels).IndexOf(label);
            double place = key is null ? double.NaN : SweptKeys.Number(key.Values[setting])!.Value;
            table.Add([label, place, step, .. Bands.Cells(last)]);
            extent.AddRange(last.Quantiles);
            places.Add(place);
            words.Add(
                $"{label}: {Words.Median(bands, last)}, {Words.Replicas(experiment.Settings[setting], one.Array.Replicas)}"
            );
        }

        AxisScale scale = AxisScale.Of(extent, series.Label.MayBeLog);
        return new Figure
        {
            Name = name,
            Title = $"{series.Label.Title}{(series.Label.Title.Contains(',') ? "," : string.Empty)} at the last step",
            Caption =
                $"{series.Label.Definition} "
                + (key is null ? "Points" : "Line")
                + $": medians; {(key is null ? "bars" : "bands")}: {bands.Words} quantiles over {series.Replicas(experiment)}.",
            Description =
                $"{(key is null ? "Intervals for each setting" : $"Chart against {key.Label}")}. {string.Join("; ", words)}.",
            View = key is null
                ? Intervals(table, bands, scale, series)
                : OverKey(table, bands, scale, series, key, places),
            Tables = [table],
        };
    }

    private static JsonObject OverKey(
        FigureTable table,
        Bands bands,
        AxisScale scale,
        ComparedSeries series,
        SweptKey key,
        List<double> places
    )
    {
        JsonObject y = Views.Axis(Bands.MedianColumn, scale, series.Label.Axis);
        return Views.Layers(
            table,
            new JsonObject { ["x"] = Views.Axis("value", AxisScale.Of(places), key.Label) },
            [.. Views.Fan(bands, y, points: true), Views.Hover(bands, y, ("setting", "setting"), ("step", "step"))]
        );
    }

    private static JsonObject Intervals(FigureTable table, Bands bands, AxisScale scale, ComparedSeries series)
    {
        string[] labels = [.. series.Members.Select(member => member.Label)];
        JsonObject x = Views.Axis(Bands.MedianColumn, scale, series.Label.Axis);
        List<JsonObject> layers = [];
        for (int i = 0; i < bands.Pairs.Count; i++)
        {
            JsonObject low = x.DeepClone().AsObject();
            low["field"] = Bands.Column(bands.Pairs[i].Low);
            layers.Add(
                Views.Layer(
                    Views.Mark("bar", ("height", i == 0 ? 3 : 8), ("opacity", 0.55)),
                    ("x", low),
                    ("x2", new JsonObject { ["field"] = Bands.Column(bands.Pairs[i].High) })
                )
            );
        }

        layers.Add(Views.Layer(Views.Mark("point", ("filled", true), ("size", 70), ("opacity", 1)), ("x", x)));
        layers.Add(Views.Hover(bands, x, ("setting", "setting"), ("step", "step")));
        JsonObject hover = layers[^1]["encoding"]!.AsObject();
        hover["x"] = hover["y"]!.DeepClone();
        hover.Remove("y");
        JsonObject view = Views.Layers(
            table,
            new JsonObject
            {
                ["y"] = new JsonObject
                {
                    ["field"] = "setting",
                    ["type"] = "nominal",
                    ["title"] = null,
                    ["sort"] = new JsonArray([.. labels.Select(label => JsonValue.Create(label))]),
                    ["axis"] = new JsonObject { ["labelLimit"] = 420, ["grid"] = false },
                },
            },
            layers
        );
        view["height"] = RowHeight * labels.Length;
        return view;
    }
}
