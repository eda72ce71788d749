using System.Globalization;
using System.Text;
using Hesse.Statistics;
using Hesse.Stores;

namespace Hesse.Reports;

/// <summary>The parts of the page that need no script: the table of the settings, spec and provenance.</summary>
internal static class SettingSections
{
    private const int MostNumbers = 5;

    /// <summary>One line a setting: swept values, replicas, and each number at its last step.</summary>
    public static void WriteOverview(StringBuilder html, StoredExperiment experiment)
    {
        Bands bands = new(experiment.Settings[0].Manifest.Quantiles);
        ScalarSeries[][] series = [.. experiment.Settings.Select(setting => ScalarSeries.Of(setting).ToArray())];
        string[] names = [.. series.SelectMany(one => one.Select(number => number.Name)).Distinct().Take(MostNumbers)];
        html.Append(
            $"<section id=\"settings\">\n<h2>{(experiment.Settings.Count == 1 ? "Summary" : "Settings")}</h2>\n"
        );
        html.Append("<div class=\"scroll\"><table>\n");
        html.Append(
            $"<caption>Numbers at the last observed step: median, and the {bands.Pairs[0].Low * 100:0.###} % and {bands.Pairs[0].High * 100:0.###} % quantiles over the replicas that have not diverged.</caption>\n<thead><tr>"
        );
        foreach (SweptKey key in experiment.Swept)
        {
            Head(key.Label, "number");
        }

        Head("finished", "number");
        Head("diverged", "number");
        foreach (string name in names)
        {
            Head(series.SelectMany(one => one).First(number => number.Name == name).Label.Axis, "number");
        }

        html.Append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < experiment.Settings.Count; i++)
        {
            StoredSetting setting = experiment.Settings[i];
            html.Append("<tr>");
            foreach (SweptKey key in experiment.Swept)
            {
                Cell(SweptKeys.Shown(key.Values[i]));
            }

            Cell(string.Create(CultureInfo.InvariantCulture, $"{setting.Done} / {setting.Manifest.Replicas}"));
            Cell(setting.Diverged.ToString(CultureInfo.InvariantCulture));
            foreach (string name in names)
            {
                Cell(
                    series[i].FirstOrDefault(number => number.Name == name) is { } number
                        ? Interval(number, bands)
                        : "\u2013"
                );
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody></table></div>\n</section>\n");

        void Head(string text, string kind) =>
            html.Append($"<th scope=\"col\" class=\"{kind}\">{Html.Text(text)}</th>");

        void Cell(string text) => html.Append($"<td class=\"number\">{Html.Text(text)}</td>");
    }

    /// <summary>The resolved spec, and where the numbers come from.</summary>
    public static void WriteRecords(StringBuilder html, StoredSetting setting, bool open)
    {
        string state = open ? " open" : string.Empty;
        ManifestRecord manifest = setting.Manifest;
        html.Append(
            $"<details{state}><summary>Resolved spec</summary>\n<pre>{Html.Text(setting.SpecText)}</pre>\n</details>\n"
        );
        html.Append($"<details{state}><summary>Provenance</summary>\n<div class=\"scroll\"><table><tbody>\n");
        Row("identity", manifest.Identity);
        Row(
            "engine",
            manifest.Commit is { Length: > 0 } commit
                ? $"hesse {manifest.Engine}, commit {commit}"
                : $"hesse {manifest.Engine}"
        );
        Row("backend and device", $"{manifest.Backend}; {manifest.Device}");
        Row("platform", manifest.Platform);
        Row("random numbers", $"{manifest.Rng}, seed {manifest.Seed}");
        Row("data", manifest.DataHash.Length > 0 ? $"SHA-256 {manifest.DataHash}" : "generated from the seed");
        Row("parameters", manifest.Parameters.ToString(CultureInfo.InvariantCulture));
        Row("command line", string.Join(' ', manifest.CommandLine));
        Row(
            "written",
            manifest.Written.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC"
        );
        Row("folder format", manifest.Format.ToString(CultureInfo.InvariantCulture));
        html.Append("</tbody></table></div>\n</details>\n");

        void Row(string name, string value) =>
            html.Append($"<tr><th scope=\"row\">{name}</th><td class=\"words\">{Html.Text(value)}</td></tr>\n");
    }

    private static string Interval(ScalarSeries number, Bands bands)
    {
        ReplicaDistribution last = number.Last(bands).Distribution;
        return last.Count == 0
            ? "\u2013"
            : $"{Words.Short(bands.MedianOf(last))} ({Words.Short(last.Quantiles[0])} \u2026 {Words.Short(last.Quantiles[^1])})";
    }
}
