using System.Globalization;
using System.Text;

namespace Hesse.Reports;

/// <summary>What stands before and behind the figures of a page: state and contents; what to cite, method and licences.</summary>
internal static class PageEnds
{
    /// <summary>Title, state of the run and contents.</summary>
    /// <param name="html">The page.</param>
    /// <param name="figures">What it shows.</param>
    /// <param name="drawn">Whether the page has the chart libraries.</param>
    /// <param name="live">Whether it follows a run.</param>
    public static void WriteHeader(StringBuilder html, ExperimentFigures figures, bool drawn, bool live)
    {
        StoredExperiment experiment = figures.Experiment;
        IReadOnlyList<StoredSetting> settings = experiment.Settings;
        long done = settings.Sum(setting => (long)setting.Done);
        long all = settings.Sum(setting => (long)setting.Manifest.Replicas);
        int diverged = settings.Sum(setting => setting.Diverged);
        string parameters = string.Join(", ", settings.Select(setting => setting.Manifest.Parameters).Distinct());
        string count = settings.Count == 1 ? "1 setting" : $"{settings.Count} settings";
        html.Append(
            CultureInfo.InvariantCulture,
            $"""
            <header>
            <h1>{Html.Text(experiment.Name)}</h1>
            <p class="lead">{done} of {all} replicas finished, {(
                diverged == 0 ? "none" : diverged
            )} diverged; {count}; p = {parameters} parameters.</p>

            """
        );
        if (live)
        {
            html.Append("<p class=\"notice\" id=\"watch\" role=\"status\">Live: this page follows the run.</p>\n");
        }

        if (!drawn)
        {
            html.Append($"<p class=\"notice\">{Html.Text(PageAssets.Missing)}</p>\n");
        }

        html.Append("</header>\n<nav aria-label=\"Contents\"><ul>\n");
        Link("settings", settings.Count == 1 ? "Summary" : "Settings");
        foreach (Figure figure in figures.Comparison)
        {
            Link(PageCharts.IdOf(-1, figure), figure.Title);
        }

        if (settings.Count == 1)
        {
            foreach (Figure figure in figures.OfSettings[0])
            {
                Link(PageCharts.IdOf(0, figure), figure.Title);
            }
        }
        else
        {
            for (int i = 0; i < settings.Count; i++)
            {
                Link($"setting-{i}", experiment.Labels[i]);
            }
        }

        html.Append("</ul></nav>\n");

        void Link(string id, string text) => html.Append($"<li><a href=\"#{id}\">{Html.Text(text)}</a></li>\n");
    }

    /// <summary>What to cite, how the numbers were made, and the licences of the chart libraries.</summary>
    /// <param name="html">The page.</param>
    /// <param name="experiment">Whose.</param>
    /// <param name="charts">Figures that the page draws.</param>
    public static void WriteFooter(StringBuilder html, StoredExperiment experiment, int charts)
    {
        html.Append("<footer>\n");
        if (experiment.Settings[0].Spec.Cite is { } cite)
        {
            html.Append(
                $"<h2>To cite</h2>\n<p>The paper whose experiment this is:</p>\n<pre id=\"cite\">{Html.Text(cite)}</pre>\n"
            );
        }

        html.Append("<h2>About this page</h2>\n");
        html.Append(
            $"<p>Written by hesse {Html.Text(EngineVersion.Number)} from the stored arrays. Quantiles interpolate linearly between replicas; diverged replicas are counted and left out of every number. "
                + "Each figure's specification (Vega-Lite) and plotted numbers lie in <code>figures/</code>.</p>\n"
        );
        if (charts > 0)
        {
            html.Append("<details><summary>Licences of the chart libraries in this page</summary>\n");
            foreach ((string packages, string text) in PageAssets.Licences())
            {
                html.Append($"<h3>{Html.Text(packages)}</h3>\n<pre>{Html.Text(text)}</pre>\n");
            }

            html.Append("</details>\n");
        }

        html.Append("</footer>\n");
    }
}
