using System.Security.Cryptography;
using System.Text;

namespace Hesse.Reports;

/// <summary>
/// report.html: one page that holds its charts, their numbers and the programs that draw them, and asks the network for
/// nothing. Without scripts the tables, the spec and the provenance are there all the same.
/// </summary>
internal sealed class ReportPage
{
    private const int MostOpenSettings = 4;

    private readonly StringBuilder _html = new();
    private readonly ExperimentFigures _figures;
    private readonly string? _version;
    private readonly IReadOnlyList<string>? _libraries = PageAssets.Libraries;
    private readonly PageCharts _charts;

    private ReportPage(ExperimentFigures figures, string? version)
    {
        _figures = figures;
        _version = version;
        _charts = new PageCharts(_html, figures.Experiment, _libraries is not null, version is not null);
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
        PageEnds.WriteHeader(_html, _figures, _libraries is not null, _version is not null);
        _html.Append("<main>\n");
        SettingSections.WriteOverview(_html, Experiment);
        Comparison();
        for (int i = 0; i < Experiment.Settings.Count; i++)
        {
            Setting(i);
        }

        _html.Append("</main>\n");
        PageEnds.WriteFooter(_html, Experiment, _charts.Count);
        _charts.WriteStyles();
        foreach (string script in scripts)
        {
            _html.Append("<script>").Append(script).Append("</script>\n");
        }

        return _html.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>The source expression of a policy that lets exactly this script run.</summary>
    private static string HashOf(string script) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'";

    private void Comparison()
    {
        if (_figures.Comparison.Count == 0)
        {
            return;
        }

        _html.Append("<section>\n<h2>Settings compared</h2>\n");
        foreach (Figure figure in _figures.Comparison)
        {
            _charts.Write(-1, figure);
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
            _charts.Write(index, figure);
        }

        SettingSections.WriteRecords(_html, Experiment.Settings[index], open: single);
        _html.Append(single ? "</section>\n" : "</details>\n");
    }
}
