using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>A number that is observed at one step only: its histogram over the replicas.</summary>
internal static class ScalarHistograms
{
    private const int MostBins = 40;

    /// <summary>One figure for each such scalar.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting) =>
        setting
            .Arrays.Where(array => FigureCatalogue.IsScalar(array) && array.Times.Count == 1 && array.Replicas > 1)
            .Select(array => Of(setting, array))
            .OfType<Figure>();

    private static Figure? Of(StoredSetting setting, StoredArray array)
    {
        string name = FigureCatalogue.NameOf(array);
        QuantityLabel label = QuantityLabel.Of(array.Layout.Quantity, array.Layout.Part);
        Bands bands = new(setting.Manifest.Quantiles);
        double[] values = array.ReadTimes([0]);
        ReplicaDistribution all = ReplicaDistribution.OfColumns(values, 1, bands.Levels)[0];
        if (all.Count == 0)
        {
            return null;
        }

        AxisScale scale = AxisScale.Of(values, label.MayBeLog);
        int bins = Math.Clamp((int)Math.Ceiling(2 * Math.Cbrt(all.Count)), 4, MostBins);
        double low = scale.Transform(scale.Low);
        double width = (scale.Transform(scale.High) - low) / bins;
        int[] counts = new int[bins];
        foreach (double value in values.Where(double.IsFinite))
        {
            counts[Math.Clamp((int)((scale.Transform(value) - low) / width), 0, bins - 1)]++;
        }

        FigureTable table = new($"{name}.csv", "from", "to", "replicas");
        for (int bin = 0; bin < bins; bin++)
        {
            table.Add(scale.Inverse(low + (bin * width)), scale.Inverse(low + ((bin + 1) * width)), counts[bin]);
        }

        JsonObject x = Views.Axis("from", scale, label.Axis);
        JsonObject y = Views.Numbers("replicas");
        y["axis"] = new JsonObject { ["title"] = "replicas", ["tickMinStep"] = 1 };
        JsonObject view = Views.Layers(
            table,
            new JsonObject
            {
                ["x"] = x,
                ["x2"] = new JsonObject { ["field"] = "to" },
                ["y"] = y,
                ["y2"] = new JsonObject { ["datum"] = 0 },
            },
            [Views.Layer(Views.Mark("bar", ("opacity", 0.75), ("binSpacing", 1)))]
        );
        return new Figure
        {
            Name = name,
            Title = $"{label.Title} at step {array.Times[0]}",
            Caption = $"{label.Definition} Histogram over {Words.Replicas(setting, array.Replicas)}.",
            Description = $"Histogram of {label.Title.ToLowerInvariant()}: {Words.At(bands, all, array.Times[0])}.",
            View = view,
            Tables = [table],
            Shows = "replicas",
        };
    }
}
