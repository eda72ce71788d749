using System.Text.Json.Nodes;

namespace Hesse.Reports;

/// <summary>The pieces from which the figures' Vega-Lite views are made.</summary>
internal static class Views
{
    /// <summary>Height of an ordinary chart in pixels; its width is that of the page.</summary>
    public const int Height = 300;

    /// <summary>Width of one of two charts side by side.</summary>
    public const int HalfWidth = 400;

    // As 0, 10, 100, 1000: half of the steps lie in the first eighth of the axis.
    private const long Crowd = 8;
    private const double OuterOpacity = 0.16;
    private const double InnerOpacity = 0.3;

    /// <summary>A channel of numbers.</summary>
    public static JsonObject Numbers(string field) => new() { ["field"] = field, ["type"] = "quantitative" };

    /// <summary>A channel of numbers with its axis.</summary>
    public static JsonObject Axis(string field, AxisScale scale, string title, string? format = null)
    {
        JsonObject channel = Numbers(field);
        scale.WriteTo(channel, title);
        if (format is not null && scale.Kind == ScaleKind.Linear)
        {
            channel["axis"]!["format"] = format;
        }

        return channel;
    }

    /// <summary>The channel of training steps.</summary>
    /// <param name="times">Steps, ascending.</param>
    /// <param name="logarithmic">Whether they were asked for on a logarithmic scale; those that crowd at the start are drawn so, too.</param>
    public static JsonObject Steps(IReadOnlyList<int> times, bool logarithmic)
    {
        bool crowded = times.Count > 3 && Crowd * times[times.Count / 2] < times[^1];
        AxisScale scale =
            (logarithmic || crowded) && times[^1] >= 10
                ? new AxisScale(ScaleKind.SymLog, times[0], times[^1], 1)
                : new AxisScale(ScaleKind.Linear, times[0], Math.Max(times[^1], times[0] + 1), 0);
        return Axis("step", scale, "step t", ",~r");
    }

    /// <summary>Colour by training step, dark to light.</summary>
    public static JsonObject StepColor() =>
        new()
        {
            ["field"] = "step",
            ["type"] = "ordinal",
            ["title"] = "step t",
            ["legend"] = StrokeLegend(),
        };

    /// <summary>Colour by setting, in the order given.</summary>
    public static JsonObject SettingColor(IReadOnlyList<string> labels) =>
        new()
        {
            ["field"] = "setting",
            ["type"] = "nominal",
            ["title"] = null,
            ["sort"] = new JsonArray([.. labels.Select(label => JsonValue.Create(label))]),
            ["legend"] = StrokeLegend(("orient", "top"), ("columns", 2)),
        };

    /// <summary>A legend of lines, as dark as the lines and not as the bands.</summary>
    public static JsonObject StrokeLegend(params ReadOnlySpan<(string Key, JsonNode? Value)> members)
    {
        JsonObject legend = new() { ["symbolType"] = "stroke", ["symbolOpacity"] = 1 };
        foreach ((string key, JsonNode? value) in members)
        {
            legend[key] = value;
        }

        return legend;
    }

    /// <summary>A mark that screen readers pass over: the chart's description says what it shows.</summary>
    public static JsonObject Mark(string type, params ReadOnlySpan<(string Key, JsonNode? Value)> members)
    {
        JsonObject mark = new()
        {
            ["type"] = type,
            ["clip"] = true,
            ["aria"] = false,
        };
        foreach ((string key, JsonNode? value) in members)
        {
            mark[key] = value;
        }

        return mark;
    }

    /// <summary>A view of one mark.</summary>
    public static JsonObject Layer(JsonObject mark, params ReadOnlySpan<(string Channel, JsonNode? Value)> encoding)
    {
        JsonObject channels = [];
        foreach ((string channel, JsonNode? value) in encoding)
        {
            channels[channel] = value;
        }

        return new JsonObject { ["mark"] = mark, ["encoding"] = channels };
    }

    /// <summary>Median and quantile bands over the replicas.</summary>
    /// <param name="bands">Which.</param>
    /// <param name="y">The y channel of the median.</param>
    /// <param name="points">Whether each number has a mark of its own: few numbers on the x axis.</param>
    public static IEnumerable<JsonObject> Fan(Bands bands, JsonObject y, bool points)
    {
        for (int i = 0; i < bands.Pairs.Count; i++)
        {
            (double low, double high) = bands.Pairs[i];
            JsonObject lower = y.DeepClone().AsObject();
            lower["field"] = Bands.Column(low);
            double opacity = i == 0 && bands.Pairs.Count > 1 ? OuterOpacity : InnerOpacity;
            yield return Layer(
                Mark("area", ("opacity", opacity), ("line", false)),
                ("y", lower),
                ("y2", new JsonObject { ["field"] = Bands.Column(high) })
            );
        }

        yield return Layer(
            Mark(
                "line",
                ("strokeWidth", 2),
                ("point", points ? new JsonObject { ["size"] = 22, ["filled"] = true } : false)
            ),
            ("y", y.DeepClone())
        );
    }

    /// <summary>Invisible points that tell their numbers when pointed at.</summary>
    public static JsonObject Hover(Bands bands, JsonObject y, params ReadOnlySpan<(string Field, string Title)> first)
    {
        JsonArray tooltip = [];
        foreach ((string field, string title) in first)
        {
            tooltip.Add(new JsonObject { ["field"] = field, ["title"] = title });
        }

        foreach (double level in bands.Levels)
        {
            JsonObject quantile = Numbers(Bands.Column(level));
            quantile["title"] = level == 0.5 ? "median" : $"{100 * level:0.###} % quantile";
            quantile["format"] = ".4~g";
            tooltip.Add(quantile);
        }

        tooltip.Add(new JsonObject { ["field"] = "n", ["title"] = "replicas n" });
        tooltip.Add(new JsonObject { ["field"] = "diverged", ["title"] = "diverged" });
        return Layer(
            Mark("point", ("opacity", 0), ("size", 90), ("filled", true)),
            ("y", y.DeepClone()),
            ("tooltip", tooltip)
        );
    }

    /// <summary>Layers over one set of axes, as wide as the page.</summary>
    /// <param name="table">Their data, unless a layer has its own.</param>
    /// <param name="shared">Channels of all layers.</param>
    /// <param name="layers">The layers, from the back to the front.</param>
    public static JsonObject Layers(FigureTable table, JsonObject shared, IEnumerable<JsonObject> layers) =>
        new()
        {
            ["width"] = "container",
            ["height"] = Height,
            ["data"] = table.Reference(),
            ["encoding"] = shared,
            ["layer"] = new JsonArray([.. layers]),
        };

    /// <summary>A dashed line across the chart.</summary>
    public static JsonObject Rule(double y, string channel = "y") =>
        new()
        {
            ["data"] = new JsonObject { ["values"] = new JsonArray(new JsonObject()) },
            ["mark"] = Mark("rule", ("strokeDash", new JsonArray(5, 4)), ("opacity", 0.7)),
            ["encoding"] = new JsonObject { [channel] = new JsonObject { ["datum"] = y } },
        };
}
