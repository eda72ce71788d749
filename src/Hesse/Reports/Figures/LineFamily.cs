using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>Several numbers against the training step in one chart, a colour each, with bands over the replicas.</summary>
internal sealed class LineFamily
{
    private const int MostSteps = 512;
    private const int FewSteps = 25;
    private const double Near = 4;

    /// <summary>Name of the figure.</summary>
    public required string Name { get; init; }

    /// <summary>Heading, axis title and definition.</summary>
    public required QuantityLabel Label { get; init; }

    /// <summary>Steps, at least two.</summary>
    public required IReadOnlyList<int> Times { get; init; }

    /// <summary>R</summary>
    public required int Replicas { get; init; }

    /// <summary>What each line is called, and its values at a position of the steps. (R)</summary>
    public required IReadOnlyList<(string Name, Func<int, double[]> At)> Lines { get; init; }

    /// <summary>The axis for what is shown.</summary>
    public Func<IReadOnlyList<double>, AxisScale>? Scale { get; init; }

    /// <summary>A dashed line to hold them against.</summary>
    public ReferenceLine? Reference { get; init; }

    /// <summary>A line for each part of a quantity that is stored and has a value.</summary>
    /// <param name="setting">Whose.</param>
    /// <param name="quantity">Name of the quantity.</param>
    /// <param name="parts">Parts, each one number, with what their lines are called; null for the quantity itself.</param>
    public static IEnumerable<(string, Func<int, double[]>)> Parts(
        StoredSetting setting,
        string quantity,
        IEnumerable<(string? Part, string Name)> parts
    )
    {
        foreach ((string? part, string name) in parts)
        {
            // What needs test samples is NaN everywhere without them.
            if (
                setting.Find(quantity, part) is { } array
                && array.Read(array.Times.Count - 1, [0]).Any(double.IsFinite)
            )
            {
                yield return (name, time => array.Read(time, [0]));
            }
        }
    }

    /// <summary>Draws the figure.</summary>
    public Figure Draw(StoredSetting setting)
    {
        Bands bands = new(setting.Manifest.Quantiles);
        int[] shown = Thinning.Even(Times.Count, MostSteps);
        int[] steps = [.. shown.Select(i => Times[i])];
        List<double> extent = [];
        ReplicaDistribution[] first = new ReplicaDistribution[Lines.Count];
        ReplicaDistribution[] last = new ReplicaDistribution[Lines.Count];
        FigureTable table = new($"{Name}.csv", ["$line", "step", .. bands.Columns]);
        for (int line = 0; line < Lines.Count; line++)
        {
            foreach (int time in shown)
            {
                ReplicaDistribution one = ReplicaDistribution.Of(Lines[line].At(time), bands.Levels);
                last[line] = one;
                first[line] ??= one;
                table.Add([Lines[line].Name, Times[time], .. Bands.Cells(one)]);
                extent.AddRange(one.Quantiles);
            }
        }

        // A line far above would press the curves to the floor; the caption then has its value.
        double largest = extent.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        FigureTable? reference =
            Reference is { } against && steps.Any(step => against.At(step) < Near * largest)
                ? against.Table($"{Name}.reference.csv", steps)
                : null;
        if (reference is not null)
        {
            extent.AddRange(steps.Select(Reference!.At));
        }

        string[] words =
        [
            $"{Label.Definition} Lines: medians; bands: {bands.Words} quantiles over {Words.Replicas(setting, Replicas)}.",
            Reference?.Words(reference is not null, steps[^1]) ?? string.Empty,
            Words.Thinned("steps", shown.Length, Times.Count),
        ];
        string[] ends =
        [
            .. Lines.Select(
                (line, i) =>
                    $"{line.Name}: {Words.At(bands, first[i], steps[0])}, {Words.At(bands, last[i], steps[^1])}"
            ),
        ];
        return new Figure
        {
            Name = Name,
            Title = Label.Title,
            Caption = string.Join(' ', words.Where(word => word.Length > 0)),
            Description = $"Line chart of {Label.Axis} against the training step. {string.Join("; ", ends)}.",
            View = View(
                setting,
                table,
                bands,
                steps,
                Scale?.Invoke(extent) ?? AxisScale.Of(extent, Label.MayBeLog),
                reference
            ),
            Tables = reference is null ? [table] : [table, reference],
        };
    }

    private JsonObject View(
        StoredSetting setting,
        FigureTable table,
        Bands bands,
        int[] steps,
        AxisScale scale,
        FigureTable? reference
    )
    {
        JsonObject y = Views.Axis(Bands.MedianColumn, scale, Label.Axis);
        JsonObject color = new()
        {
            ["field"] = "line",
            ["type"] = "nominal",
            ["title"] = null,
            ["sort"] = new JsonArray([.. Lines.Select(line => JsonValue.Create(line.Name))]),
            ["legend"] = Lines.Count == 1 ? null : Views.StrokeLegend(),
        };
        string quantity = Name.Split('.')[0];
        bool logSteps = setting.Observation(quantity)?.LogSpaced is not null;
        List<JsonObject> layers = [.. Views.Fan(bands, y, points: steps.Length <= FewSteps)];
        layers.Add(Views.Hover(bands, y, ("line", "line"), ("step", "step")));
        if (reference is not null)
        {
            layers.AddRange(Reference!.Layers(reference));
        }

        return Views.Layers(table, new JsonObject { ["x"] = Views.Steps(steps, logSteps), ["color"] = color }, layers);
    }
}
