using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>Cosines of the principal angles by their number, at several steps.</summary>
internal static class PrincipalAngles
{
    private const int MostSteps = 6;

    /// <summary>The figure, where the quantity is observed.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        if (setting.Find("principal-angles") is not { } array)
        {
            yield break;
        }

        QuantityLabel label = QuantityLabel.Of("principal-angles");
        Bands bands = new(setting.Manifest.Quantiles);
        int[] shown = Thinning.Even(array.Times.Count, MostSteps);
        int[] indices = [.. Enumerable.Range(0, array.Width)];
        FigureTable table = new("principal-angles.csv", ["step", "number", .. bands.Columns]);
        ReplicaDistribution? first = null;
        foreach (int time in shown)
        {
            ReplicaDistribution[] all = ReplicaDistribution.OfColumns(
                array.Read(time, indices),
                array.Width,
                bands.Levels
            );
            first = all[0];
            for (int i = 0; i < all.Length; i++)
            {
                table.Add([array.Times[time], i + 1, .. Bands.Cells(all[i])]);
            }
        }

        JsonObject y = Views.Axis(Bands.MedianColumn, new AxisScale(ScaleKind.Linear, 0, 1, 0), label.Axis);
        AxisScale numbers = new(ScaleKind.Linear, 1, Math.Max(2, array.Width), 0);
        yield return new Figure
        {
            Name = "principal-angles",
            Title = label.Title,
            Caption = string.Join(
                    ' ',
                    label.Definition,
                    $"k = {array.Width}. Lines: medians; bands: {bands.Words} quantiles over {Words.Replicas(setting, array.Replicas)}.",
                    Words.Thinned("steps", shown.Length, array.Times.Count)
                )
                .Trim(),
            Description =
                $"Line chart of the cosines, descending, at steps {string.Join(", ", shown.Select(i => array.Times[i]))}. "
                + $"The first: {Words.At(bands, first!, array.Times[shown[^1]])}.",
            View = Views.Layers(
                table,
                new JsonObject
                {
                    ["x"] = Views.Axis("number", numbers, "number i", "d"),
                    ["color"] = Views.StepColor(),
                },
                [.. Views.Fan(bands, y, points: true), Views.Hover(bands, y, ("step", "step"), ("number", "i"))]
            ),
            Tables = [table],
        };
    }
}
