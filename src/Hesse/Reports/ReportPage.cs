using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hesse.Reports;

/// <summary>
/// report.html: one page that holds its charts, their numbers and the programs that draw them, and asks the network for
/// nothing. Without scripts the tables, the spec and the provenance are there all the same.
/// </summary>
internal sealed class ReportPage
{
    // The page stays below 10 MB: figures beyond this are only in their files.
    private const int InlineBytes = 8_500_000;
    private const int MostOpenSettings = 4;
    private const int PageDigits = 6;

    // The default encoder escapes <, > and &: no text of a user can end the element that holds it.
    private static readonly JsonSerializerOptions Inline = new();

    private readonly StringBuilder _html = new();
    private readonly ExperimentFigures _figures;
    private readonly string? _version;
    private readonly IReadOnlyList<string>? _libraries = PageAssets.Libraries;
    private long _inlined;
    private int _charts;

    private ReportPage(ExperimentFigures figures, string? version)
    {
        _figures = figures;
        _version = version;
    }

    /// <summary>The whole page.</summary>
    /// <param name="figures">What it shows.</param>
    /// <param name="version">For a page that follows a run: what state it shows. Such a page may ask its own server.</param>
    public static string Write(ExperimentFigures figures, string? version = null) =>
        new ReportPage(figures, version).Write();

    private StoredExperiment Experiment => _figures.Experiment;

    private string Write()
    {
        List<string> scripts = _libraries is null ? [] : [.. _libraries, PageAssets.Script];
        if (_version is not null)
        {
            scripts.Add(PageAssets.WatchScript);
        }

        string policy =
            $"default-src 'none'; script-src {(scripts.Count == 0 ? "'none'" : string.Join(' ', scripts.Select(HashOf)))}; "
            + "style-src 'unsafe-inline'; img-src data: blob:; "
            + (_version is null ? string.Empty : "connect-src 'self'; ")
            + "base-uri 'none'; form-action 'none'";
        string version = _version is null ? string.Empty : $" data-version=\"{Html.Text(_version)}\"";
        _html.Append(
            $"""
            <!doctype html>
            <html lang="en"{version}>
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="hesse {EngineVersion.Number}">
            <title>{Html.Text(Experiment.Name)}: report</title>
            <style>
            {PageAssets.Style}</style>
            </head>
            <body>

            """
        );
        Header();
        _html.Append("<main>\n");
        SettingSections.WriteOverview(_html, Experiment);
        Comparison();
        for (int i = 0; i < Experiment.Settings.Count; i++)
        {
            Setting(i);
        }

        _html.Append("</main>\n");
        Footer();
        JsonObject styles = new() { ["light"] = ChartStyle.Paper(), ["dark"] = ChartStyle.Dark() };
        _html.Append($"<script type=\"application/json\" id=\"styles\">{styles.ToJsonString(Inline)}</script>\n");
        foreach (string script in scripts)
        {
            _html.Append("<script>").Append(script).Append("</script>\n");
        }

        return _html.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>The source expression of a policy that lets exactly this script run.</summary>
    private static string HashOf(string script) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'";

    private void Header()
    {
        IReadOnlyList<StoredSetting> settings = Experiment.Settings;
        long done = settings.Sum(setting => (long)setting.Done);
        long all = settings.Sum(setting => (long)setting.Manifest.Replicas);
        int diverged = settings.Sum(setting => setting.Diverged);
        string parameters = string.Join(", ", settings.Select(setting => setting.Manifest.Parameters).Distinct());
        string count = settings.Count == 1 ? "1 setting" : $"{settings.Count} settings";
        _html.Append(
            CultureInfo.InvariantCulture,
            $"""
            <header>
            <h1>{Html.Text(Experiment.Name)}</h1>
            <p class="lead">{done} of {all} replicas finished, {(
                diverged == 0 ? "none" : diverged
            )} diverged; {count}; p = {parameters} parameters.</p>

            """
        );
        if (_version is not null)
        {
            _html.Append("<p class=\"notice\" id=\"watch\" role=\"status\">Live: this page follows the run.</p>\n");
        }

        if (_libraries is null)
        {
            _html.Append($"<p class=\"notice\">{Html.Text(PageAssets.Missing)}</p>\n");
        }

        _html.Append("</header>\n<nav aria-label=\"Contents\"><ul>\n");
        Link("settings", settings.Count == 1 ? "Summary" : "Settings");
        foreach (Figure figure in _figures.Comparison)
        {
            Link(IdOf(-1, figure), figure.Title);
        }

        if (settings.Count == 1)
        {
            foreach (Figure figure in _figures.OfSettings[0])
            {
                Link(IdOf(0, figure), figure.Title);
            }
        }
        else
        {
            for (int i = 0; i < settings.Count; i++)
            {
                Link($"setting-{i}", Experiment.Labels[i]);
            }
        }

        _html.Append("</ul></nav>\n");

        void Link(string id, string text) => _html.Append($"<li><a href=\"#{id}\">{Html.Text(text)}</a></li>\n");
    }

    private void Comparison()
    {
        if (_figures.Comparison.Count == 0)
        {
            return;
        }

        _html.Append("<section>\n<h2>Settings compared</h2>\n");
        foreach (Figure figure in _figures.Comparison)
        {
            Chart(-1, figure);
        }

        _html.Append("</section>\n");
    }

    private void Setting(int index)
    {
        bool single = Experiment.Settings.Count == 1;
        string open = Experiment.Settings.Count <= MostOpenSettings ? " open" : string.Empty;
        _html.Append(
            single
                ? "<section id=\"setting-0\">\n<h2>Figures</h2>\n"
                : $"<details class=\"setting\" id=\"setting-{index}\"{open}><summary>{Html.Text(Experiment.Labels[index])}</summary>\n"
        );
        if (_figures.OfSettings[index].Count == 0)
        {
            _html.Append("<p class=\"note\">No replica is finished yet.</p>\n");
        }

        foreach (Figure figure in _figures.OfSettings[index])
        {
            Chart(index, figure);
        }

        SettingSections.WriteRecords(_html, Experiment.Settings[index], open: single);
        _html.Append(single ? "</section>\n" : "</details>\n");
    }

    private void Chart(int setting, Figure figure)
    {
        string id = IdOf(setting, figure);
        string path =
            setting < 0 || Experiment.Settings[setting].Manifest.Slug.Length == 0
                ? "figures/"
                : $"{Uri.EscapeDataString(Experiment.Settings[setting].Manifest.Slug)}/figures/";
        string links = string.Join(
            ", ",
            figure
                .Tables.Select(table => table.File)
                .Append($"{figure.Name}.vl.json")
                .Select(file => $"<a href=\"{path}{Uri.EscapeDataString(file)}\">{Html.Text(file)}</a>")
        );
        string data = Data(figure);
        bool inlined = _libraries is not null && _inlined + data.Length <= InlineBytes;
        _html.Append(
            $"<figure id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h3 id=\"{id}-title\">{Html.Text(figure.Title)}</h3>\n"
        );
        if (inlined)
        {
            _inlined += data.Length;
            _charts++;
            _html.Append(
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
            string why = _libraries is null
                ? string.Empty
                : " It is not drawn here, so that the page stays below 10 MB; its files hold it.";
            _html.Append($"<p class=\"note\">{Html.Text(figure.Description + why)}</p>\n");
        }

        string numbers = _version is null ? $" Numbers: {links}." : string.Empty;
        _html.Append($"<figcaption>{Html.Text(figure.Caption)}{numbers}</figcaption>\n</figure>\n");
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

    private void Footer()
    {
        _html.Append("<footer>\n<h2>About this page</h2>\n");
        _html.Append(
            $"<p>Written by hesse {Html.Text(EngineVersion.Number)} from the stored arrays. Quantiles interpolate linearly between replicas; diverged replicas are counted and left out of every number. "
                + "Each figure's specification (Vega-Lite) and plotted numbers lie in <code>figures/</code>.</p>\n"
        );
        if (_charts > 0)
        {
            _html.Append("<details><summary>Licences of the chart libraries in this page</summary>\n");
            foreach ((string packages, string text) in PageAssets.Licences())
            {
                _html.Append($"<h3>{Html.Text(packages)}</h3>\n<pre>{Html.Text(text)}</pre>\n");
            }

            _html.Append("</details>\n");
        }

        _html.Append("</footer>\n");
    }

    private static string IdOf(int setting, Figure figure) =>
        setting < 0 ? figure.Name : string.Create(CultureInfo.InvariantCulture, $"s{setting}-{figure.Name}");
}
