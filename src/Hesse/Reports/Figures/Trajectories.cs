using System.Text.Json.Nodes;

namespace Hesse.Reports.Figures;

/// <summary>Paths of the parameters in the plane of two random directions: of some replicas, and of one replica in several settings.</summary>
internal static class Trajectories
{
    private const string Quantity = "iterate-projection";
    private const int MostReplicas = 12;
    private const int MostSettings = 8;
    private const int MostSteps = 400;
    private const int Side = 460;

    private const string Definition =
        "Inner products of θ\u209c with two standard normal vectors, the same for all replicas, steps and settings; axes of one scale.";

    /// <summary>The paths of the first replicas of a setting.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        if (setting.Find(Quantity) is not { Width: > 1, Times.Count: > 1 } array)
        {
            yield break;
        }

        int replicas = Math.Min(MostReplicas, array.Replicas);
        FigureTable table = new($"{Quantity}.csv", "$path", "step", "first", "second");
        Extent extent = new();
        foreach (int time in Thinning.Even(array.Times.Count, MostSteps))
        {
            double[] points = array.Read(time, [0, 1]);
            for (int replica = 0; replica < replicas; replica++)
            {
                extent.Add(table, $"{replica}", array.Times[time], points.AsSpan(2 * replica, 2));
            }
        }

        yield return Draw(
            Quantity,
            "Paths in the plane of two random directions",
            $"{Definition} Lines: {Words.FirstReplicas(replicas)} of {Words.Replicas(setting, array.Replicas)}, from pale circles to full ones.",
            "replica",
            table,
            extent,
            [.. Enumerable.Range(0, replicas).Select(replica => $"{replica}")],
            array
        );
    }

    /// <summary>The path of the first replica in every setting: descent against flow, one rule against another.</summary>
    public static IEnumerable<Figure> Of(StoredExperiment experiment)
    {
        (string Label, StoredArray Array)[] members =
        [
            .. experiment
                .Settings.Select((setting, i) => (experiment.Labels[i], Array: setting.Find(Quantity)))
                .Where(member => member.Array is { Width: > 1, Times.Count: > 1 })
                .Select(member => (member.Item1, member.Array!)),
        ];
        if (members.Length is < 2 or > MostSettings)
        {
            yield break;
        }

        string name = $"compared.{Quantity}";
        FigureTable table = new($"{name}.csv", "$path", "step", "first", "second");
        Extent extent = new();
        foreach ((string label, StoredArray array) in members)
        {
            foreach (int time in Thinning.Even(array.Times.Count, MostSteps))
            {
                extent.Add(table, label, array.Times[time], array.Read(time, [0, 1]).AsSpan(0, 2));
            }
        }

        yield return Draw(
            name,
            "Paths in the plane of two random directions, settings compared",
            $"{Definition} Lines: replica 0 of each setting; settings share initial points, data and batches by replica. From pale circles to full ones.",
            null,
            table,
            extent,
            [.. members.Select(member => member.Label)],
            members[0].Array
        );
    }

    private static Figure Draw(
        string name,
        string title,
        string caption,
        string? legend,
        FigureTable table,
        Extent extent,
        string[] paths,
        StoredArray array
    )
    {
        (AxisScale x, AxisScale y) = extent.Axes();
        JsonObject color = new()
        {
            ["field"] = "path",
            ["type"] = "nominal",
            ["title"] = legend,
            ["sort"] = new JsonArray([.. paths.Select(path => JsonValue.Create(path))]),
            ["legend"] = paths.Length == 1 ? null : Views.StrokeLegend(),
        };
        JsonObject End(string operation, double opacity)
        {
            JsonObject point = Views.Layer(
                Views.Mark("point", ("filled", true), ("size", 45), ("opacity", opacity)),
                ("x", Views.Numbers("first")),
                ("y", Views.Numbers("second"))
            );
            point["transform"] = new JsonArray(
                new JsonObject
                {
                    ["joinaggregate"] = new JsonArray(
                        new JsonObject
                        {
                            ["op"] = operation,
                            ["field"] = "step",
                            ["as"] = "end",
                        }
                    ),
                    ["groupby"] = new JsonArray("path"),
                },
                new JsonObject { ["filter"] = "datum.step == datum.end" }
            );
            return point;
        }

        JsonObject line = Views.Layer(
            Views.Mark("line", ("strokeWidth", 1.4), ("opacity", 0.85)),
            ("x", Views.Axis("first", x, "along the first direction")),
            ("y", Views.Axis("second", y, "along the second direction")),
            ("order", Views.Numbers("step"))
        );
        JsonObject view = Views.Layers(
            table,
            new JsonObject { ["color"] = color },
            [line, End("min", 0.35), End("max", 1)]
        );
        view["width"] = Side;
        view["height"] = Side;
        return new Figure
        {
            Name = name,
            Title = title,
            Caption =
                $"{caption} {Words.Thinned("steps", Math.Min(MostSteps, array.Times.Count), array.Times.Count)}".TrimEnd(),
            Description = $"{paths.Length} paths in a plane, from step {array.Times[0]} to step {array.Times[^1]}.",
            View = view,
            Tables = [table],
            Shows = "first",
        };
    }

    /// <summary>Collects points, and gives both axes one scale.</summary>
    private sealed class Extent
    {
        // Half of the axes' length over half of the paths'.
        private const double Margin = 1.04;

        private readonly Dictionary<string, List<(double First, double Second)>> _paths = new(StringComparer.Ordinal);
        private readonly HashSet<string> _lost = new(StringComparer.Ordinal);

        public void Add(FigureTable table, string path, int step, ReadOnlySpan<double> point)
        {
            // A diverged replica has no place; its path ends.
            if (!double.IsFinite(point[0]) || !double.IsFinite(point[1]))
            {
                _lost.Add(path);
                return;
            }

            table.Add(path, step, point[0], point[1]);
            if (!_paths.TryGetValue(path, out List<(double, double)>? points))
            {
                _paths[path] = points = [];
            }

            points.Add((point[0], point[1]));
        }

        public (AxisScale X, AxisScale Y) Axes()
        {
            // The way of one that diverges would leave the others a point.
            (double First, double Second)[] shown =
            [
                .. _paths
                    .Where(path => !_lost.Contains(path.Key))
                    .DefaultIfEmpty(_paths.FirstOrDefault())
                    .SelectMany(path => path.Value ?? []),
            ];
            if (shown.Length == 0)
            {
                return (new AxisScale(ScaleKind.Linear, 0, 1, 0), new AxisScale(ScaleKind.Linear, 0, 1, 0));
            }

            (double Low, double High) x = (shown.Min(point => point.First), shown.Max(point => point.First));
            (double Low, double High) y = (shown.Min(point => point.Second), shown.Max(point => point.Second));
            double half = Margin / 2 * Math.Max(Math.Max(x.High - x.Low, y.High - y.Low), 1e-9);
            AxisScale Around((double Low, double High) ends)
            {
                double centre = (ends.Low + ends.High) / 2;
                return new AxisScale(ScaleKind.Linear, centre - half, centre + half, 0);
            }

            return (Around(x), Around(y));
        }
    }
}
