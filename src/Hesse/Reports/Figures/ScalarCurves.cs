using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>A number against the training step: median, quantile bands and sample paths over the replicas.</summary>
internal static class ScalarCurves
{
    private const int MostSteps = 512;
    private const int MostPaths = 100;
    private const int MostPathSteps = 100;
    private const int FewSteps = 25;

    // Drawn together, or with a line to hold them against.
    private static readonly string[] Elsewhere =
    [
        "sharpness",
        "preconditioned-sharpness",
        "loss-increment.measured",
        "loss-increment.predicted-mean",
        "loss-increment.standardised",
        "noise-gaussianity.accepted",
        "noise-gaussianity.gaussian-accepted",
        "noise-gaussianity.anderson-darling-accepted",
        "noise-gaussianity.gaussian-anderson-darling-accepted",
        "tail-index.pooled",
        "tail-index.coordinates",
        .. EarlyStopping.Scalars,
        .. PacBayes.Scalars,
        .. GeneralisationBounds.Scalars,
    ];

    /// <summary>One figure for each scalar that is observed at two steps or more.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting) =>
        setting
            .Arrays.Where(array => FigureCatalogue.IsScalar(array) && array.Times.Count > 1)
            .Where(array => !Elsewhere.Contains(FigureCatalogue.NameOf(array), StringComparer.Ordinal))
            .Select(array => Of(setting, array));

    /// <summary>The figure of one array.</summary>
    public static Figure Of(StoredSetting setting, StoredArray array)
    {
        string name = FigureCatalogue.NameOf(array);
        QuantityLabel label = QuantityLabel.Of(array.Layout.Quantity, array.Layout.Part);
        Bands bands = new(setting.Manifest.Quantiles);
        int[] shown = Thinning.Even(array.Times.Count, MostSteps);
        double[] values = array.ReadTimes(shown);
        ReplicaDistribution[] all = ReplicaDistribution.OfColumns(values, shown.Length, bands.Levels);

        FigureTable table = new($"{name}.csv", ["step", .. bands.Columns]);
        for (int i = 0; i < shown.Length; i++)
        {
            table.Add([array.Times[shown[i]], .. Bands.Cells(all[i])]);
        }

        FigureTable? paths = array.Replicas > 1 ? Paths($"{name}.paths.csv", array, shown, values) : null;
        int[] steps = [.. shown.Select(i => array.Times[i])];
        bool logSteps = setting.Observation(array.Layout.Quantity)?.LogSpaced is not null;
        AxisScale scale = AxisScale.Of(all.SelectMany(one => one.Quantiles), label.MayBeLog);
        JsonObject y = Views.Axis(Bands.MedianColumn, scale, label.Axis);
        List<JsonObject> layers = [];
        if (paths is not null)
        {
            layers.Add(PathLayer(paths));
        }

        layers.AddRange(Views.Fan(bands, y, points: shown.Length <= FewSteps));
        layers.Add(Views.Hover(bands, y, ("step", "step")));
        return new Figure
        {
            Name = name,
            Title = label.Title,
            Caption = string.Join(
                    ' ',
                    label.Definition,
                    $"Line: median; bands: {bands.Words} quantiles over {Words.Replicas(setting, array.Replicas)}."
                        + (
                            paths is null
                                ? string.Empty
                                : $" Thin lines: {Words.FirstReplicas(Math.Min(MostPaths, array.Replicas))}."
                        ),
                    Words.Thinned("steps", shown.Length, array.Times.Count)
                )
                .Trim(),
            Description =
                $"Line chart of {label.Title.ToLowerInvariant()} against the training step. "
                + $"{Words.At(bands, all[0], steps[0])}; {Words.At(bands, all[^1], steps[^1])}.",
            View = Views.Layers(table, new JsonObject { ["x"] = Views.Steps(steps, logSteps) }, layers),
            Tables = paths is null ? [table] : [table, paths],
        };
    }

    private static FigureTable Paths(string file, StoredArray array, int[] shown, double[] values)
    {
        FigureTable table = new(file, "replica", "step", "value");
        int[] kept = Thinning.Even(shown.Length, MostPathSteps);
        for (int replica = 0; replica < Math.Min(MostPaths, array.Replicas); replica++)
        {
            foreach (int i in kept)
            {
                table.Add(replica, array.Times[shown[i]], values[(replica * shown.Length) + i]);
            }
        }

        return table;
    }

    private static JsonObject PathLayer(FigureTable paths)
    {
        JsonObject layer = Views.Layer(
            Views.Mark("line", ("strokeWidth", 0.7), ("opacity", 0.22), ("color", "#808080")),
            ("y", Views.Numbers("value")),
            ("detail", new JsonObject { ["field"] = "replica", ["type"] = "nominal" })
        );
        layer["data"] = paths.Reference();
        return layer;
    }
}
