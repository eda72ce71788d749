using System.Text.Json.Nodes;

namespace Hesse.Reports.Figures;

/// <summary>A dashed line to which curves are held.</summary>
/// <param name="Formula">What stands beside it.</param>
/// <param name="Meaning">What a caption says of it, behind the formula.</param>
/// <param name="At">Its value at a step.</param>
internal sealed record ReferenceLine(string Formula, string Meaning, Func<int, double> At)
{
    /// <summary>The threshold of stability of a setting's optimizer, if it has one.</summary>
    public static ReferenceLine? Threshold(StoredSetting setting, bool preconditioned)
    {
        StabilityThreshold? threshold = preconditioned
            ? StabilityThreshold.OfPreconditioned(setting.Spec.Training.Optimizer)
            : StabilityThreshold.OfHessian(setting.Spec.Training.Optimizer);
        return threshold is null
            ? null
            : new ReferenceLine(
                threshold.Formula,
                "above which full-batch training of a quadratic diverges; for mini-batches it is only a reference.",
                threshold.At
            );
    }

    /// <summary>For captions.</summary>
    /// <param name="drawn">Whether it lies within the chart.</param>
    /// <param name="step">The last step.</param>
    public string Words(bool drawn, int step) =>
        drawn
            ? $"Dashed: {Formula}, {Meaning}"
            : $"Above the chart lies {Formula} = {Reports.Words.Short(At(step))}, {Meaning}";

    /// <summary>Its values.</summary>
    public FigureTable Table(string file, IReadOnlyList<int> steps)
    {
        FigureTable table = new(file, "step", "reference");
        foreach (int step in steps)
        {
            table.Add(step, At(step));
        }

        return table;
    }

    /// <summary>The line, and its formula at the left end: at the right one lie the curves that come to it.</summary>
    public IEnumerable<JsonObject> Layers(FigureTable table)
    {
        JsonObject line = Views.Layer(
            Views.Mark(
                "line",
                ("strokeDash", new JsonArray(6, 4)),
                ("strokeWidth", 1.2),
                ("color", "#808080"),
                ("interpolate", "step-after")
            ),
            ("y", Views.Numbers("reference")),
            ("color", null)
        );
        line["data"] = table.Reference();
        JsonObject text = Views.Layer(
            Views.Mark(
                "text",
                ("clip", false),
                ("align", "left"),
                ("baseline", "bottom"),
                ("dx", 4),
                ("dy", -4),
                ("text", Formula)
            ),
            (
                "x",
                new JsonObject
                {
                    ["aggregate"] = "min",
                    ["field"] = "step",
                    ["type"] = "quantitative",
                }
            ),
            (
                "y",
                new JsonObject
                {
                    ["aggregate"] = new JsonObject { ["argmin"] = "step" },
                    ["field"] = "reference",
                    ["type"] = "quantitative",
                }
            ),
            ("color", null)
        );
        text["data"] = table.Reference();
        return [line, text];
    }
}
