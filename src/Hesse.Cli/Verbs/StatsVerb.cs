using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Specs;
using Hesse.Statistics;
using Hesse.Stores;

namespace Hesse.Cli.Verbs;

/// <summary>hesse stats: the summaries of finished results.</summary>
[Verb("stats", HelpText = "Print mean, spread, quantiles and bootstrap interval of finished results.")]
[Examples(
    "hesse stats results/gauss-10 --quantity loss",
    "mean, spread and quantiles of the loss at every step",
    "hesse stats results/mine/a --compare results/mine/b",
    "two settings of a sweep, replica by replica"
)]
internal sealed class StatsVerb : IVerb
{
    // Steps shown of a quantity that was measured more often; --json has them all.
    private const int MostSteps = 6;
    private const int QuantityColumn = 0;
    private const int StepColumn = 1;
    private const int IndexColumn = 2;
    private const int MeanColumn = 5;
    private const int DeviationColumn = 6;

    [Value(0, MetaName = "DIR", Required = true, HelpText = "The --out folder or one run inside it.")]
    public string Folder { get; set; } = string.Empty;

    [Option("quantity", MetaValue = "NAME", HelpText = "Only this quantity.")]
    public string? Quantity { get; set; }

    [Option(
        "compare",
        MetaValue = "DIR",
        HelpText = "Beside another finished setting: with one seed the difference replica by replica with its interval, with two the Kolmogorov-Smirnov test."
    )]
    public string? Other { get; set; }

    [Option(
        "relative-error",
        MetaValue = "E",
        HelpText = "Also how many replicas bring the standard error of each mean down to this share of it, such as 0.01."
    )]
    public double? RelativeError { get; set; }

    [Option("json", HelpText = "Every line of summary.csv, in JSON.")]
    public bool Json { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        if (RelativeError is not (null or > 0 and < 1))
        {
            throw new HesseException(ExitCode.Usage, $"--relative-error {RelativeError}: write a share such as 0.01");
        }

        if (Other is not null)
        {
            return Compare(Other, messages);
        }

        JsonArray answers = [];
        foreach (string folder in Results.Find(Folder))
        {
            (IReadOnlyList<string> header, IEnumerable<string[]> rows) = Results.Summary(folder);
            string[][] chosen = [.. rows.Where(row => Quantity is null || row[QuantityColumn] == Quantity)];
            if (RelativeError is { } share)
            {
                header = [.. header, "replicas-needed"];
                chosen = [.. chosen.Select(row => (string[])[.. row, Needed(row, share)])];
            }

            if (chosen.Length == 0 && Quantity is not null)
            {
                string[] known = [.. rows.Select(row => row[QuantityColumn]).Distinct(StringComparer.Ordinal)];
                throw new HesseException(
                    ExitCode.Usage,
                    $"{folder}: {NearestName.Unknown("quantity", Quantity, known)}"
                );
            }

            if (Json)
            {
                answers.Add(
                    new JsonObject
                    {
                        ["folder"] = folder,
                        ["columns"] = JsonOutput.Texts(header),
                        ["rows"] = new JsonArray([.. chosen.Select(row => JsonOutput.Texts(row))]),
                    }
                );
            }
            else
            {
                messages.Output.WriteLine(Messages.Printable(folder));
                Write(messages, header, chosen);
            }
        }

        if (Json)
        {
            JsonOutput.Write(messages, "settings", answers);
        }

        return ExitCode.Ok;
    }

    private ExitCode Compare(string other, Messages messages)
    {
        using StopSignals signals = new(stopAfter: null);
        IReadOnlyList<ComparedColumn> columns = signals.Run(() =>
            SettingComparison.Compare(One(Folder), One(other), Quantity, signals.Token)
        );
        if (Json)
        {
            JsonOutput.Write(messages, "comparison", ComparisonOutput.ToJson(columns));
        }
        else
        {
            ComparisonOutput.Write(messages, columns);
        }

        return ExitCode.Ok;
    }

    private static string One(string folder) =>
        Results.Find(folder) is [var only]
            ? only
            : throw new HesseException(ExitCode.Usage, $"{folder} holds several settings; name one of its folders");

    private static string Needed(string[] row, double share) =>
        PairedInterval
            .ReplicasFor(
                double.Parse(row[DeviationColumn], System.Globalization.CultureInfo.InvariantCulture),
                double.Parse(row[MeanColumn], System.Globalization.CultureInfo.InvariantCulture),
                share
            )
            .ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void Write(Messages messages, IReadOnlyList<string> header, string[][] rows)
    {
        messages.Output.WriteLine(Line(header));
        foreach (IGrouping<string, string[]> quantity in rows.GroupBy(row => row[QuantityColumn]))
        {
            string[] steps = [.. quantity.Select(row => row[StepColumn]).Distinct()];
            int stride = Math.Max(1, (steps.Length + MostSteps - 1) / MostSteps);
            HashSet<string> shown = [.. steps.Where((_, i) => i % stride == 0), steps[^1]];
            foreach (
                IGrouping<string, string[]> step in quantity
                    .Where(row => shown.Contains(row[StepColumn]))
                    .GroupBy(row => row[StepColumn])
            )
            {
                // Of a vector its ends: the smallest and the largest eigenvalue.
                string[][] values = [.. step];
                foreach (string[] row in values.Length == 1 ? values : [values[0], values[^1]])
                {
                    messages.Output.WriteLine(Line(row));
                }
            }
        }
    }

    private static string Line(IReadOnlyList<string> cells) =>
        string.Join(
            "  ",
            cells.Select(
                (cell, i) =>
                    i == QuantityColumn ? cell.PadRight(28)
                    : i <= IndexColumn ? cell.PadLeft(6)
                    : Short(cell).PadLeft(12)
            )
        );

    private static string Short(string cell) =>
        double.TryParse(cell, System.Globalization.CultureInfo.InvariantCulture, out double value)
            ? value.ToString("G6", System.Globalization.CultureInfo.InvariantCulture)
            : cell;
}
