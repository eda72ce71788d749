using System.Globalization;
using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Stores;

namespace Hesse.Cli.Verbs;

/// <summary>hesse status: how far stored results have come.</summary>
[Verb("status", HelpText = "Show how far the results in a folder have come.")]
[Examples("hesse status results", "how far every experiment in results has come")]
internal sealed class StatusVerb : IVerb
{
    [Value(0, MetaName = "DIR", Required = true, HelpText = "The --out folder or one run inside it.")]
    public string Folder { get; set; } = string.Empty;

    [Option("json", HelpText = "Answer in JSON.")]
    public bool Json { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        ResultStatus[] all = [.. Results.Find(Folder).Select(Results.Status)];
        if (Json)
        {
            JsonOutput.Write(messages, "settings", new JsonArray([.. all.Select(ToJson)]));
            return ExitCode.Ok;
        }

        foreach (ResultStatus status in all)
        {
            string name = status.Slug.Length == 0 ? status.Name : $"{status.Name}/{status.Slug}";
            string state =
                status.Complete ? "complete"
                : status.Done == status.Replicas ? "to be merged"
                : "unfinished";
            string diverged = status.Diverged is > 0 ? $", {status.Diverged} diverged" : string.Empty;
            messages.Output.WriteLine(
                Messages.Printable(
                    $"{name}: {status.Done}/{status.Replicas} done, {state}{diverged} ({status.Backend})"
                )
            );
            foreach (ResultOwner owner in status.Owners)
            {
                messages.Output.WriteLine(Messages.Printable($"  {Describe(owner)}"));
            }

            foreach (string broken in status.Broken)
            {
                messages.Failure(broken);
            }
        }

        return ExitCode.Ok;
    }

    private static JsonObject ToJson(ResultStatus status) =>
        new()
        {
            ["folder"] = status.Folder,
            ["name"] = status.Name,
            ["slug"] = status.Slug,
            ["replicas"] = status.Replicas,
            ["done"] = status.Done,
            ["complete"] = status.Complete,
            ["diverged"] = status.Diverged,
            ["backend"] = status.Backend,
            ["identity"] = status.Identity,
            ["broken"] = JsonOutput.Texts(status.Broken),
            ["owners"] = new JsonArray([.. status.Owners.Select(ToJson)]),
        };

    private static JsonObject ToJson(ResultOwner owner) =>
        new()
        {
            ["host"] = owner.Record.Host,
            ["pid"] = owner.Record.Pid,
            ["shard"] = owner.Record.Shard,
            ["job"] = owner.Record.Job,
            ["state"] = owner.State,
            ["last-beat"] = owner.Record.Beat.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["silent-seconds"] = Math.Round(owner.Silence.TotalSeconds, 1),
        };

    private static string Describe(ResultOwner owner)
    {
        string shard = owner.Record.Shard is { } share ? $", shard {share}" : string.Empty;
        string silence = ProgressDisplay.Duration(owner.Silence.TotalSeconds);
        return $"{owner.State}: process {owner.Record.Pid} on {owner.Record.Host}{shard}, last sign of life {silence} ago";
    }
}
