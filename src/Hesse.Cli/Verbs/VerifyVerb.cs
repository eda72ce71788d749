using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Stores;

namespace Hesse.Cli.Verbs;

/// <summary>hesse verify: holds every byte of stored results against its checksums.</summary>
[Verb("verify", HelpText = "Read every byte of the results in a folder and check it against its checksums.")]
[Examples("hesse verify results", "exit code 65 names what is damaged")]
internal sealed class VerifyVerb : IVerb
{
    [Value(0, MetaName = "DIR", Required = true, HelpText = "The --out folder or one run inside it.")]
    public string Folder { get; set; } = string.Empty;

    [Option("json", HelpText = "Answer in JSON.")]
    public bool Json { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        using StopSignals signals = new(stopAfter: null);
        bool sound = true;
        JsonArray answers = [];
        foreach (string folder in Results.Find(Folder))
        {
            VerificationReport report = signals.Run(() => Results.Verify(folder, signals.Token));
            sound &= report.Findings.Count == 0;
            answers.Add(
                new JsonObject
                {
                    ["folder"] = folder,
                    ["files"] = report.Files,
                    ["bytes"] = report.Bytes,
                    ["sound"] = report.Findings.Count == 0,
                    ["findings"] = new JsonArray([
                        .. report.Findings.Select(finding => new JsonObject
                        {
                            ["file"] = finding.File,
                            ["problem"] = finding.Problem,
                        }),
                    ]),
                }
            );
            if (!Json)
            {
                Write(messages, folder, report);
            }
        }

        if (Json)
        {
            JsonOutput.Write(messages, "settings", answers);
        }

        return sound ? ExitCode.Ok : ExitCode.BadData;
    }

    private static void Write(Messages messages, string folder, VerificationReport report)
    {
        foreach (Finding finding in report.Findings)
        {
            bool named = finding.Problem.StartsWith(finding.File, StringComparison.Ordinal);
            messages.Failure(named ? finding.Problem : $"{finding.File} {finding.Problem}");
        }

        string verdict = report.Findings.Count == 0 ? "sound" : $"{report.Findings.Count} faults";
        messages.Output.WriteLine(
            Messages.Printable($"{folder}: {verdict}, {report.Files} files, {report.Bytes} bytes")
        );
    }
}
