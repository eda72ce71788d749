using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Stores;

namespace Hesse.Cli.Verbs;

/// <summary>hesse merge: joins the chunks of shards.</summary>
[Verb("merge", HelpText = "Join the chunks that shards have computed into arrays and tables.")]
[Examples("hesse merge results/gauss-10", "after the last shard")]
internal sealed class MergeVerb : IVerb
{
    [Value(0, MetaName = "DIR", Required = true, HelpText = "The --out folder or one run inside it.")]
    public string Folder { get; set; } = string.Empty;

    [Option("threads", MetaValue = "N", HelpText = "Threads for the statistics; default: one a processor.")]
    public int? Threads { get; set; }

    [Option("break-lock", HelpText = "A process on another machine that left the folder locked has ended.")]
    public bool BreakLock { get; set; }

    [Option("json", HelpText = "Answer in JSON.")]
    public bool Json { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        int given = SpecOverrides.ThreadCount(Threads);
        int threads = given > 0 ? given : Environment.ProcessorCount;
        using StopSignals signals = new(stopAfter: null);
        JsonArray answers = [];
        foreach (string folder in Results.Find(Folder))
        {
            bool merged = signals.Run(() => Results.Merge(folder, threads, BreakLock, signals.Token));
            answers.Add(new JsonObject { ["folder"] = folder, ["merged"] = merged });
            if (!Json)
            {
                messages.Output.WriteLine(Messages.Printable($"{folder}: {(merged ? "merged" : "was complete")}"));
            }
        }

        if (Json)
        {
            JsonOutput.Write(messages, "settings", answers);
        }

        return ExitCode.Ok;
    }
}
