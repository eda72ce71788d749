using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>All eigenvalues by rank from both ends, at several steps, with bands over the replicas on a symmetric logarithmic axis.</summary>
internal static class Spectra
{
    private const int MostSteps = 6;
    private const int MostRanks = 64;
    private const int DenseRanks = 16;

    private static readonly string[] Quantities =
    [
        "hessian-spectrum",
        "ggn-spectrum",
        "second-moment-spectrum",
        "gradient-covariance-spectrum",
        "residual-spectrum",
    ];

    /// <summary>One figure for each observed spectrum.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting) =>
        Quantities.Select(quantity => setting.Find(quantity)).OfType<StoredArray>().Select(array => Of(setting, array));

    private static Figure Of(StoredSetting setting, StoredArray array)
    {
        string name = array.Layout.Quantity;
        QuantityLabel label = QuantityLabel.Of(name);
        Bands bands = new(setting.Manifest.Quantiles);
        int[] shown = Thinning.Even(array.Times.Count, MostSteps);
        int count = array.Width;
        bool bothEnds = name is "hessian-spectrum" or "residual-spectrum" && count > 1;
        int[] ranks = Thinning.Geometric(bothEnds ? (count + 1) / 2 : count, DenseRanks, MostRanks);
        int[] indices = [.. ranks.Select(rank => count - 1 - rank), .. bothEnds ? ranks : []];

        FigureTable table = new($"{name}.csv", ["$end", "step", "rank", .. bands.Columns]);
        List<double> extent = [];
        ReplicaDistribution? top = null;
        foreach (int time in shown)
        {
            double[] values = array.Read(time, indices);
            ReplicaDistribution[] all = ReplicaDistribution.OfColumns(values, indices.Length, bands.Levels);
            for (int i = 0; i < all.Length; i++)
            {
                string end = i < ranks.Length ? "largest" : "smallest";
                table.Add([end, array.Times[time], ranks[i % ranks.Length] + 1, .. Bands.Cells(all[i])]);
                extent.AddRange(all[i].Quantiles);
            }

            top = all[0];
        }

        AxisScale scale = AxisScale.SymLog(extent);
        double maximal = ranks[^1] + 1;
        JsonObject Panel(string end, string title, bool axis)
        {
            JsonObject y = Views.Axis(Bands.MedianColumn, scale, axis ? $"eigenvalue {label.Axis}" : string.Empty);
            AxisScale rank = new(ScaleKind.Log, 1, Math.Max(2, maximal), 0);
            return new JsonObject
            {
                ["width"] = bothEnds ? Views.HalfWidth : 2 * Views.HalfWidth,
                ["height"] = Views.Height,
                ["transform"] = new JsonArray(new JsonObject { ["filter"] = $"datum.end == '{end}'" }),
                ["encoding"] = new JsonObject
                {
                    ["x"] = Views.Axis("rank", rank, title),
                    ["color"] = Views.StepColor(),
                },
                ["layer"] = new JsonArray([
                    .. Views.Fan(bands, y, points: false),
                    Views.Hover(bands, y, ("step", "step"), ("rank", "rank")),
                ]),
            };
        }

        JsonArray panels = new(Panel("largest", "rank from the largest", axis: true));
        if (bothEnds)
        {
            panels.Add(Panel("smallest", "rank from the smallest", axis: false));
        }

        return new Figure
        {
            Name = name,
            Title = label.Title,
            Caption = string.Join(
                    ' ',
                    label.Definition,
                    $"Lines: medians; bands: {bands.Words} quantiles over {Words.Replicas(setting, array.Replicas)}.",
                    $"The vertical axis is linear between ±{Words.Short(scale.Constant)} and logarithmic beyond; {count} eigenvalues, ranks on a logarithmic axis.",
                    Words.Thinned("steps", shown.Length, array.Times.Count)
                )
                .Trim(),
            Description =
                $"Chart of the eigenvalues by rank at steps {string.Join(", ", shown.Select(i => array.Times[i]))}. "
                + $"Largest: {Words.At(bands, top!, array.Times[shown[^1]])}.",
            View = new JsonObject { ["data"] = table.Reference(), ["hconcat"] = panels },
            Tables = [table],
        };
    }
}
