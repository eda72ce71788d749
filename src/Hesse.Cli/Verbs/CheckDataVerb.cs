using System.Globalization;
using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Data;
using Hesse.Stores;

namespace Hesse.Cli.Verbs;

/// <summary>hesse check-data: what files of samples hold, and whether they can be used.</summary>
[Verb(
    "check-data",
    HelpText = "Read data files (.npy, MNIST's idx, CIFAR-10's binary version) to their end and show what they hold."
)]
[Examples(
    "hesse check-data X.npy Y.npy",
    "shapes, types and ranges",
    "hesse check-data train-images-idx3-ubyte.gz",
    "MNIST's files, packed or not"
)]
internal sealed class CheckDataVerb : IVerb
{
    // Enough for every class of an image set; beyond, the number of labels says more.
    private const int MostClassesShown = 20;

    [Value(0, MetaName = "FILES", Required = true, HelpText = "Files; a folder stands for the six of CIFAR-10 in it.")]
    public IEnumerable<string> Files { get; set; } = [];

    [Option("json", HelpText = "Answer in JSON.")]
    public bool Json { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        DataFileReport[] reports = [.. Files.SelectMany(DataFileReport.FilesOf).Select(DataFileReport.Of)];
        if (Json)
        {
            JsonOutput.Write(messages, "files", new JsonArray([.. reports.Select(ToJson)]));
        }

        foreach (DataFileReport report in reports)
        {
            if (!Json && report.Shape.Count > 0)
            {
                messages.Output.WriteLine(Messages.Printable($"{report.Path}: {Describe(report)}"));
            }

            if (report.Problem is not null)
            {
                messages.Failure($"{report.Path}: {report.Problem}");
            }
        }

        return reports.FirstOrDefault(report => report.Problem is not null)?.Code ?? ExitCode.Ok;
    }

    private static string Describe(DataFileReport report)
    {
        string classes = report.Classes switch
        {
            null => "",
            { Count: > MostClassesShown } many => $", {many.Count} different labels",
            { } few => $", {few.Count} classes: {string.Join(" ", few)}",
        };
        string range = report.Minimum is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {report.Minimum:G6} .. {report.Maximum:G6}");
        return $"{report.Format}, {NpyHeader.Format(report.Shape)}, {report.ElementType}{range}{classes}";
    }

    private static JsonObject ToJson(DataFileReport report) =>
        new()
        {
            ["path"] = report.Path,
            ["format"] = report.Format,
            ["shape"] = new JsonArray([.. report.Shape.Select(length => JsonValue.Create(length))]),
            ["dtype"] = report.ElementType,
            ["classes"] = report.Classes is null
                ? null
                : new JsonArray([.. report.Classes.Select(label => JsonValue.Create(label))]),
            ["minimum"] = report.Minimum,
            ["maximum"] = report.Maximum,
            ["sound"] = report.Problem is null,
            ["problem"] = report.Problem,
        };
}
