using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Reports;

namespace Hesse.Cli.Verbs;

/// <summary>hesse report: figures and one page of stored results.</summary>
[Verb("report", HelpText = "Write figures and one self-contained report.html of the results in a folder.")]
[Examples("hesse report results/gauss-10", "writes results/gauss-10/report.html")]
internal sealed class ReportVerb : IVerb
{
    [Value(0, MetaName = "DIR", Required = true, HelpText = "The --out folder or one run inside it.")]
    public string Folder { get; set; } = string.Empty;

    [Option("json", HelpText = "Name every file that was written, in JSON.")]
    public bool Json { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        using StopSignals signals = new(stopAfter: null);
        IReadOnlyList<ReportFiles> reports = signals.Run(() => Report.Write(Folder, signals.Token));
        foreach (string warning in reports.SelectMany(report => report.Warnings).Distinct(StringComparer.Ordinal))
        {
            messages.Failure($"warning: {warning}");
        }

        if (Json)
        {
            JsonOutput.Write(messages, "reports", new JsonArray([.. reports.Select(ToJson)]));
            return ExitCode.Ok;
        }

        foreach (ReportFiles report in reports)
        {
            messages.Output.WriteLine(Messages.Printable($"{report.Page}: {report.Figures.Count} figures"));
        }

        return ExitCode.Ok;
    }

    private static JsonObject ToJson(ReportFiles report) =>
        new()
        {
            ["experiment"] = report.Experiment,
            ["page"] = report.Page,
            ["figures"] = new JsonArray([
                .. report.Figures.Select(figure => new JsonObject
                {
                    ["figure"] = figure.Figure,
                    ["setting"] = figure.Setting,
                    ["files"] = JsonOutput.Texts(figure.Files),
                }),
            ]),
            ["warnings"] = JsonOutput.Texts(report.Warnings),
        };
}
