using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hesse.Reports;

/// <summary>The figures of a page, each with its specification and numbers, as long as the page stays below 10 MB.</summary>
/// <param name="html">The page.</param>
/// <param name="experiment">Whose.</param>
/// <param name="drawn">Whether the page has the chart libraries.</param>
/// <param name="live">Whether it follows a run: its figures have no files.</param>
internal sealed class PageCharts(StringBuilder html, StoredExperiment experiment, bool drawn, bool live)
{
    // The page stays below 10 MB, of which the chart libraries take one: figures beyond this are only in their files.
    private const int InlineBytes = 8_500_000;
    private const int PageDigits = 6;

    // The default encoder escapes <, > and &: no text of a user can end the element that holds it.
    private static readonly JsonSerializerOptions Inline = new();

    /// <summary>Figures that the page draws.</summary>
    public int Count { get; private set; }

    /// <summary>What links to a figure of a setting; -1 for one over all settings.</summary>
    public static string IdOf(int setting, Figure figure) =>
        setting < 0 ? figure.Name : string.Create(CultureInfo.InvariantCulture, $"s{setting}-{figure.Name}");

    /// <summary>The colours of the charts, for light and for dark pages.</summary>
    public void WriteStyles()
    {
        JsonObject styles = new() { ["light"] = ChartStyle.Paper(), ["dark"] = ChartStyle.Dark() };
        html.Append($"<script type=\"application/json\" id=\"styles\">{styles.ToJsonString(Inline)}</script>\n");
    }

    /// <summary>A figure with its caption.</summary>
    public void Write(int setting, Figure figure)
    {
        string id = IdOf(setting, figure);
        string path =
            setting < 0 || experiment.Settings[setting].Manifest.Slug.Length == 0
                ? "figures/"
                : $"{Uri.EscapeDataString(experiment.Settings[setting].Manifest.Slug)}/figures/";
        string links = string.Join(
            ", ",
            figure
                .Tables.Select(table => table.File)
                .Append($"{figure.Name}.vl.json")
                .Select(file => $"<a href=\"{path}{Uri.EscapeDataString(file)}\">{Html.Text(file)}</a>")
        );
        string data = Data(figure);
        bool inlined = drawn && html.Length + data.Length <= InlineBytes;
        html.Append(
            $"<figure id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h3 id=\"{id}-title\">{Html.Text(figure.Title)}</h3>\n"
        );
        if (inlined)
        {
            Count++;
            html.Append(
                $"""
                <div class="chart" data-state="waiting" data-source="{id}-data" data-name="{Html.Text(
                    figure.Name
                )}"><noscript>{Html.Text(figure.Description)}</noscript></div>
                <script type="application/json" id="{id}-data">{data}</script>

                """
            );
        }
        else
        {
            string why = drawn
                ? " It is not drawn here, so that the page stays below 10 MB; its files hold it."
                : string.Empty;
            html.Append($"<p class=\"note\">{Html.Text(figure.Description + why)}</p>\n");
        }

        string numbers = live ? string.Empty : $" Numbers: {links}.";
        html.Append($"<figcaption>{Html.Text(figure.Caption)}{numbers}</figcaption>\n</figure>\n");
    }

    private static string Data(Figure figure)
    {
        JsonObject specification = figure.Specification();
        // The heading stands in the page, and the colours are those of the reader's scheme.
        specification.Remove("title");
        specification.Remove("config");
        specification["description"] = $"{figure.Title}. {figure.Description}";
        JsonObject data = new()
        {
            ["specification"] = specification,
            ["tables"] = new JsonObject(
                figure.Tables.Select(table => KeyValuePair.Create(table.File, (JsonNode?)table.ToCsv(PageDigits)))
            ),
        };
        return data.ToJsonString(Inline);
    }
}
