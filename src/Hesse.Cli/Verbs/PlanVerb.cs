using System.Globalization;
using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Cli.Verbs;

/// <summary>hesse plan: what a run would take.</summary>
[Verb(
    "plan",
    HelpText = "Show settings, replicas, memory, disk space and estimated time of an experiment; runs nothing."
)]
[Examples("hesse plan experiments/gauss-10.yaml", "what all 10,000 replicas would take here")]
internal sealed class PlanVerb : IVerb
{
    [Value(0, MetaName = "SPEC", Required = true, HelpText = "The experiment: a .yaml, .yml or .json file.")]
    public string Spec { get; set; } = string.Empty;

    [Option("replicas", MetaValue = "N", HelpText = "Instead of the spec's replicas.")]
    public string? Replicas { get; set; }

    [Option("seed", MetaValue = "S", HelpText = "Instead of the spec's seed.")]
    public string? Seed { get; set; }

    [Option("set", MetaValue = "KEY=VALUE", HelpText = "Any key of the spec, dotted. May be repeated.")]
    public string? Set { get; set; }

    [Option("backend", Default = "auto", MetaValue = "NAME", HelpText = "auto, reference, cpu or cuda.")]
    public string Backend { get; set; } = string.Empty;

    [Option("threads", MetaValue = "N", HelpText = "Worker threads; default: one a processor.")]
    public int? Threads { get; set; }

    [Option("memory", MetaValue = "LIMIT", HelpText = "Memory for waves, such as 4G.")]
    public string? Memory { get; set; }

    [Option("json", HelpText = "Answer in JSON.")]
    public bool Json { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        Spec spec = SpecReader.Read(Spec, SpecOverrides.Of(Replicas, Seed, Set));
        List<string> notices = [];
        RunOptions options = new()
        {
            Backend = Backend,
            Notice = notices.Add,
            Threads = SpecOverrides.ThreadCount(Threads),
            Memory = Memory is null ? 0 : OptionValue.Bytes("--memory", Memory),
        };
        using StopSignals signals = new(stopAfter: null);
        RunEstimate estimate = signals.Run(() => RunEstimate.Of(spec, options, signals.Token));
        messages.Notices(notices);
        if (Json)
        {
            JsonOutput.Write(messages, "plan", ToJson(spec, estimate));
        }
        else
        {
            Write(messages, spec, estimate);
        }

        return ExitCode.Ok;
    }

    private static JsonObject ToJson(Spec spec, RunEstimate estimate) =>
        new()
        {
            ["name"] = spec.Name,
            ["settings"] = JsonOutput.Texts(estimate.Settings),
            ["replicas"] = spec.Replicas,
            ["parameters"] = estimate.Parameters,
            ["wave"] = estimate.WaveSize,
            ["memory-bytes"] = estimate.MemoryBytes,
            ["disk-bytes"] = estimate.DiskBytes,
            ["backend"] = estimate.Backend,
            ["seconds"] = estimate.Seconds,
            ["stages"] = new JsonObject(
                estimate.Stages.Select(stage =>
                    KeyValuePair.Create(stage.Key, (JsonNode?)JsonValue.Create(stage.Value))
                )
            ),
        };

    private static void Write(Messages messages, Spec spec, RunEstimate estimate)
    {
        TextWriter output = messages.Output;
        output.WriteLine($"name        {spec.Name}");
        output.WriteLine($"settings    {estimate.Settings.Count}");
        foreach (string slug in estimate.Settings.Where(slug => slug.Length > 0))
        {
            output.WriteLine($"            {Messages.Printable(slug)}");
        }

        output.WriteLine($"replicas    {spec.Replicas} of each, {estimate.WaveSize} at a time");
        output.WriteLine($"parameters  {estimate.Parameters}");
        output.WriteLine($"backend     {estimate.Backend}");
        output.WriteLine($"memory      {Megabytes(estimate.MemoryBytes)}");
        output.WriteLine($"disk        {Megabytes(estimate.DiskBytes)}");
        output.WriteLine($"time        {ProgressDisplay.Duration(estimate.Seconds)}, estimated from a short trial");
        foreach ((string stage, double seconds) in estimate.Stages)
        {
            output.WriteLine($"            {stage, -30} {ProgressDisplay.Duration(seconds), 9}");
        }
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB");
}
