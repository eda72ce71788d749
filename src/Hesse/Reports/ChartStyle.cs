using System.Text.Json.Nodes;

namespace Hesse.Reports;

/// <summary>Colours and type of the charts. The palette is Okabe and Ito's (2008), which colour-blind readers can tell apart.</summary>
internal static class ChartStyle
{
    /// <summary>The second colour of a chart that has two.</summary>
    public const string Contrast = "#D55E00";

    private const string Ink = "#1b1f24";

    // On white; yellow and black are left out. The darker first, since light ones carry less contrast.
    private static readonly string[] OnPaper =
    [
        "#0072B2",
        "#D55E00",
        "#009E73",
        "#CC79A7",
        "#E69F00",
        "#56B4E9",
        "#5B4B8A",
        "#8C8C8C",
    ];

    private static readonly string[] OnDark =
    [
        "#56B4E9",
        "#E69F00",
        "#2BC79A",
        "#E09CC4",
        "#F0E442",
        "#D5723B",
        "#A99BD8",
        "#B5B5B5",
    ];

    /// <summary>For a white page: of the files, and of the report in light colours and in print.</summary>
    public static JsonObject Paper() => Config(Ink, OnPaper, viridisFrom: 0, viridisTo: 0.88);

    /// <summary>For a dark page.</summary>
    public static JsonObject Dark() => Config("#dfe3e8", OnDark, viridisFrom: 0.22, viridisTo: 1);

    private static JsonObject Config(string ink, string[] palette, double viridisFrom, double viridisTo)
    {
        JsonObject Scheme(string name, double from, double to) =>
            new() { ["scheme"] = name, ["extent"] = new JsonArray(from, to) };

        return new JsonObject
        {
            ["background"] = null,
            ["font"] = "Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif",
            ["view"] = new JsonObject { ["stroke"] = null },
            ["mark"] = new JsonObject { ["color"] = palette[0] },
            ["rule"] = new JsonObject { ["color"] = ink },
            ["text"] = new JsonObject { ["color"] = ink, ["fontSize"] = 11 },
            ["axis"] = new JsonObject
            {
                ["domainColor"] = ink,
                ["domainOpacity"] = 0.6,
                ["tickColor"] = ink,
                ["tickOpacity"] = 0.6,
                ["tickSize"] = 4,
                ["gridColor"] = ink,
                ["gridOpacity"] = 0.08,
                ["labelColor"] = ink,
                ["labelFontSize"] = 11,
                ["titleColor"] = ink,
                ["titleFontSize"] = 12,
                ["titleFontWeight"] = "normal",
                ["titlePadding"] = 8,
                ["labelOverlap"] = "greedy",
            },
            ["header"] = new JsonObject
            {
                ["labelColor"] = ink,
                ["titleColor"] = ink,
                ["labelFontSize"] = 12,
            },
            ["legend"] = new JsonObject
            {
                ["labelColor"] = ink,
                ["titleColor"] = ink,
                ["labelFontSize"] = 11,
                ["titleFontSize"] = 11,
                ["titleFontWeight"] = "normal",
                ["labelLimit"] = 320,
                ["symbolStrokeWidth"] = 2.5,
            },
            ["title"] = new JsonObject
            {
                ["color"] = ink,
                ["fontSize"] = 13,
                ["fontWeight"] = 600,
            },
            ["range"] = new JsonObject
            {
                ["category"] = new JsonArray([.. palette.Select(color => JsonValue.Create(color))]),
                ["ordinal"] = Scheme("viridis", viridisFrom, viridisTo),
                ["ramp"] = Scheme("viridis", viridisFrom, viridisTo),
                ["heatmap"] = Scheme("viridis", 0, 1),
            },
        };
    }
}
