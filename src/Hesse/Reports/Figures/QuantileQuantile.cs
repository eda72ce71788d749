using System.Text.Json.Nodes;

namespace Hesse.Reports.Figures;

/// <summary>Sorted values of all replicas (and directions) against the quantiles of a distribution, a colour a step.</summary>
internal sealed class QuantileQuantile
{
    private const int MostSteps = 5;
    private const int MostPoints = 160;
    private const int Width = 420;

    // Beyond these levels of the sample an axis shows single values only.
    private const double AxisLevel = 0.005;

    /// <summary>Name of the figure.</summary>
    public required string Name { get; init; }

    /// <summary>Heading, vertical axis and definition.</summary>
    public required QuantityLabel Label { get; init; }

    /// <summary>Title of the horizontal axis.</summary>
    public required string Expected { get; init; }

    /// <summary>The distribution's quantile at a level in (0, 1).</summary>
    public required Func<double, double> Quantile { get; init; }

    /// <summary>The values.</summary>
    public required StoredArray Array { get; init; }

    /// <summary>Draws the figure.</summary>
    public Figure Draw()
    {
        int[] shown = Thinning.Even(Array.Times.Count, MostSteps);
        FigureTable table = new($"{Name}.csv", "step", "n", "level", "expected", "observed");
        List<double> ends = [Quantile(AxisLevel), Quantile(1 - AxisLevel)];
        List<string> counts = [];
        foreach (int time in shown)
        {
            double[] sorted =
            [
                .. Array.Read(time, [.. Enumerable.Range(0, Array.Width)]).Where(double.IsFinite).Order(),
            ];
            foreach (int i in Thinning.Even(sorted.Length, MostPoints))
            {
                // Hazen's plotting position.
                double level = (i + 0.5) / sorted.Length;
                table.Add(Array.Times[time], sorted.Length, level, Quantile(level), sorted[i]);
            }

            if (sorted.Length > 0)
            {
                counts.Add($"{sorted.Length} at step {Array.Times[time]}");
                ends.Add(Statistics.ReplicaStatistics.Quantile(sorted, AxisLevel));
                ends.Add(Statistics.ReplicaStatistics.Quantile(sorted, 1 - AxisLevel));
            }
        }

        AxisScale scale = AxisScale.Linear(ends);
        double[] corners = [Math.Max(scale.Low, Quantile(AxisLevel)), Math.Min(scale.High, Quantile(1 - AxisLevel))];
        JsonObject diagonal = Views.Layer(
            Views.Mark("line", ("strokeDash", new JsonArray(6, 4)), ("strokeWidth", 1.2), ("color", "#808080")),
            ("x", Views.Numbers("expected")),
            ("y", Views.Numbers("observed")),
            ("color", null)
        );
        diagonal["data"] = new JsonObject
        {
            ["values"] = new JsonArray([
                .. corners.Select(corner => new JsonObject { ["expected"] = corner, ["observed"] = corner }),
            ]),
        };
        JsonObject color = Views.StepColor();
        color["legend"] = new JsonObject { ["symbolOpacity"] = 1, ["symbolType"] = "circle" };
        JsonObject points = Views.Layer(
            Views.Mark("point", ("filled", true), ("size", 16), ("opacity", 0.8)),
            ("x", Views.Axis("expected", AxisScale.Linear(corners), Expected)),
            ("y", Views.Axis("observed", scale, Label.Axis)),
            ("color", color)
        );
        JsonObject view = Views.Layers(table, [], [diagonal, points]);
        view["width"] = Width;
        view["height"] = Width;
        return new Figure
        {
            Name = Name,
            Title = Label.Title,
            Caption =
                $"{Label.Definition} Values of all replicas that have not diverged: n = {string.Join(", ", counts)}. {Words.Thinned("steps", shown.Length, Array.Times.Count)}".TrimEnd(),
            Description =
                $"Quantile-quantile chart of {Label.Axis} at steps {string.Join(", ", shown.Select(i => Array.Times[i]))}.",
            View = view,
            Tables = [table],
            Shows = "observed",
        };
    }
}
