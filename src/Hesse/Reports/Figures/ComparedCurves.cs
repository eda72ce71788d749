using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>The curves of all settings over each other, for at most eight settings.</summary>
internal static class ComparedCurves
{
    private const int MostSettings = 8;
    private const int MostSteps = 200;
    private const double Near = 4;

    /// <summary>One figure for each number that two settings or more have at two steps or more.</summary>
    public static IEnumerable<Figure> Of(StoredExperiment experiment)
    {
        foreach (ComparedSeries series in ComparedSeries.Of(experiment))
        {
            if (Draws(experiment, series))
            {
                yield return Of(experiment, series);
            }
        }
    }

    /// <summary>Whether a number's curves are drawn.</summary>
    public static bool Draws(StoredExperiment experiment, ComparedSeries series) =>
        experiment.Settings.Count is > 1 and <= MostSettings
        && series.Members.All(member => member.Series.Times.Count > 1);

    private static Figure Of(StoredExperiment experiment, ComparedSeries series)
    {
        string name = $"compared.{series.Name}";
        // One band for each setting, the narrowest: several wide ones over each other are no longer told apart.
        Bands all = new(experiment.Settings[0].Manifest.Quantiles);
        Bands bands = new([all.Pairs[^1].Low, all.Pairs[^1].High]);
        FigureTable table = new($"{name}.csv", ["$setting", "step", .. bands.Columns]);
        List<double> extent = [];
        List<string> ends = [];
        SortedSet<int> steps = [];
        foreach ((string label, ScalarSeries one) in series.Members)
        {
            ReplicaDistribution? last = null;
            List<double> own = [];
            foreach (int time in Thinning.Even(one.Times.Count, MostSteps))
            {
                last = ReplicaDistribution.Of(one.At(time), bands.Levels);
                table.Add([label, one.Times[time], .. Bands.Cells(last)]);
                own.AddRange(last.Quantiles);
                steps.Add(one.Times[time]);
            }

            // The way of a setting that diverges would leave the others a flat line.
            int setting = ((IList<string>)experiment.Labels).IndexOf(label);
            StoredSetting stored = experiment.Settings[setting];
            extent.AddRange(stored.Diverged < one.Array.Replicas ? own : []);
            ends.Add($"{label}: {Words.At(bands, last!, one.Times[^1])}, {Words.Replicas(stored, one.Array.Replicas)}");
        }

        FigureTable? thresholds = Thresholds(experiment, series, name, extent);
        JsonObject y = Views.Axis(Bands.MedianColumn, AxisScale.Of(extent, series.Label.MayBeLog), series.Label.Axis);
        JsonObject shared = new()
        {
            ["x"] = Views.Steps([.. steps], logarithmic: false),
            ["color"] = Views.SettingColor([.. series.Members.Select(member => member.Label)]),
        };
        return new Figure
        {
            Name = name,
            Title = $"{series.Label.Title}, settings compared",
            Caption =
                $"{series.Label.Definition} Lines: medians; bands: {bands.Words} quantiles over {series.Replicas(experiment)}. Settings share data, initial points and batches by replica.{(thresholds is null ? string.Empty : " Dashed: the threshold of stability of each setting.")}",
            Description = $"Line chart against the training step, one line a setting. {string.Join("; ", ends)}.",
            View = Views.Layers(
                table,
                shared,
                [
                    .. thresholds is null ? Array.Empty<JsonObject>() : [Dashed(thresholds)],
                    .. Views.Fan(bands, y, points: false),
                    Views.Hover(bands, y, ("setting", "setting"), ("step", "step")),
                ]
            ),
            Tables = thresholds is null ? [table] : [table, thresholds],
        };
    }

    /// <summary>The thresholds of stability of the settings over their steps, where the number is an eigenvalue that has one; the axis grows by them.</summary>
    private static FigureTable? Thresholds(
        StoredExperiment experiment,
        ComparedSeries series,
        string name,
        List<double> extent
    )
    {
        if (series.Name is not ("sharpness" or "preconditioned-sharpness" or "top-eigenvalues.largest"))
        {
            return null;
        }

        double largest = extent.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        FigureTable table = new($"{name}.reference.csv", "$setting", "step", "reference");
        foreach ((string label, ScalarSeries one) in series.Members)
        {
            StoredSetting setting = experiment.Settings[((IList<string>)experiment.Labels).IndexOf(label)];
            ReferenceLine? line = ReferenceLine.Threshold(setting, series.Name == "preconditioned-sharpness");
            // A line far above would press the curves to the floor.
            if (line is null || one.Times.Min(line.At) > Near * largest)
            {
                continue;
            }

            foreach (int time in Thinning.Even(one.Times.Count, MostSteps))
            {
                table.Add(label, one.Times[time], line.At(one.Times[time]));
                extent.Add(line.At(one.Times[time]));
            }
        }

        return table.Rows > 0 ? table : null;
    }

    private static JsonObject Dashed(FigureTable thresholds)
    {
        JsonObject line = Views.Layer(
            Views.Mark(
                "line",
                ("strokeDash", new JsonArray(6, 4)),
                ("strokeWidth", 1.2),
                ("interpolate", "step-after")
            ),
            ("y", Views.Numbers("reference"))
        );
        line["data"] = thresholds.Reference();
        return line;
    }
}

/// <summary>One number as several settings have it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Label">What figures call it.</param>
/// <param name="Members">The settings that have it, by label.</param>
internal sealed record ComparedSeries(
    string Name,
    QuantityLabel Label,
    IReadOnlyList<(string Label, ScalarSeries Series)> Members
)
{
    /// <summary>"n = 16 replicas of each setting, none diverged", or how many did.</summary>
    public string Replicas(StoredExperiment experiment)
    {
        int least = Members.Min(member => member.Series.Array.Replicas);
        int most = Members.Max(member => member.Series.Array.Replicas);
        int diverged = Members.Sum(member =>
            Math.Min(
                experiment.Settings[((IList<string>)experiment.Labels).IndexOf(member.Label)].Diverged,
                member.Series.Array.Replicas
            )
        );
        string count = least == most ? $"n = {most}" : $"n = {least} to {most}";
        return $"{count} replicas of each setting, "
            + (diverged == 0 ? "none diverged" : $"of which {diverged} in all diverged and are left out");
    }

    /// <summary>All numbers that at least two settings have.</summary>
    public static IEnumerable<ComparedSeries> Of(StoredExperiment experiment) =>
        experiment
            .Settings.SelectMany(
                (setting, i) => ScalarSeries.Of(setting).Select(series => (Label: experiment.Labels[i], Series: series))
            )
            .GroupBy(member => member.Series.Name, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => new ComparedSeries(group.Key, group.First().Series.Label, [.. group]));
}
