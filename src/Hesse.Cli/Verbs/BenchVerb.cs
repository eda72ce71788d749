using System.Globalization;
using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Backends;
using Hesse.Backends.Timings;
using Hesse.Networks;

namespace Hesse.Cli.Verbs;

/// <summary>hesse bench: how fast this machine trains and measures, beside what it can do at most.</summary>
[Verb("bench", HelpText = "Time training and spectra on this machine, beside its measured peaks.")]
[Examples("hesse bench --quick", "rates in half a minute")]
internal sealed class BenchVerb : IVerb
{
    [Option(
        "backend",
        Default = BackendSelector.Automatic,
        MetaValue = "NAME",
        HelpText = "auto, reference, cpu or cuda."
    )]
    public string Backend { get; set; } = BackendSelector.Automatic;

    [Option("threads", MetaValue = "N", HelpText = "Worker threads; default all cores.")]
    public int? Threads { get; set; }

    [Option("quick", HelpText = "Tiny sizes: shows that everything runs, the numbers mean nothing.")]
    public bool Quick { get; set; }

    [Option("json", HelpText = "Answer in JSON.")]
    public bool Json { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        int threads = Threads ?? Environment.ProcessorCount;
        if (threads < 1)
        {
            throw new HesseException(ExitCode.Usage, $"--threads {threads}: write a number of at least 1");
        }

        using IBackend backend = BackendSelector.Open(Backend, threads, notice: messages.Failure);
        TimingSizes sizes =
            Quick ? TimingSizes.Quick
            : backend.Name == "cuda" ? TimingSizes.Device
            : TimingSizes.Processor;
        if (!Json)
        {
            messages.Output.WriteLine($"{backend.Name} on {backend.Device}, {threads} threads of the processor");
            messages.Output.WriteLine(
                $"{"ms", 10} {"quartiles", 21} {"GFLOP/s", 9} {"GB/s", 7} {"of peak", 7} {"of copy", 7}"
            );
        }

        List<Timing> peaks = [];
        JsonArray works = [];
        foreach (Timing timing in BackendTimings.Measure(backend, sizes))
        {
            if (timing.Items == 0)
            {
                peaks.Add(timing);
            }

            double? share = Share(timing, peaks);
            double? copy = ShareOfCopy(timing, peaks);
            works.Add(ToJson(timing, share, copy));
            if (!Json)
            {
                messages.Output.WriteLine(Line(timing, share, copy));
            }
        }

        if (Json)
        {
            JsonObject answer = new()
            {
                ["backend"] = backend.Name,
                ["device"] = backend.Device,
                ["threads"] = threads,
                ["quick"] = Quick,
                ["works"] = works,
            };
            JsonOutput.Write(messages, "bench", answer);
        }

        return ExitCode.Ok;
    }

    // Of the peak in the same arithmetic that the same run measured.
    private static double? Share(Timing timing, List<Timing> peaks) =>
        timing.Flops > 0 && peaks.Find(peak => peak.Flops > 0 && peak.Precision == timing.Precision) is { } peak
            ? timing.Flops / timing.Median / (peak.Flops / peak.Median)
            : null;

    private static double? ShareOfCopy(Timing timing, List<Timing> peaks) =>
        timing.Bytes > 0 && peaks.Find(peak => peak.Bytes > 0) is { } peak
            ? timing.Bytes / timing.Median / (peak.Bytes / peak.Median)
            : null;

    private static string Line(Timing timing, double? share, double? copy)
    {
        string quartiles = $"({Milliseconds(timing.Low)} .. {Milliseconds(timing.High)})";
        string each =
            timing.Items > 0
                ? $", {(timing.Median / timing.Items * 1e6).ToString("G4", CultureInfo.InvariantCulture)} us each"
                : string.Empty;
        string precision = timing.Precision == Precision.Float32 ? "float32" : "float64";
        return $"{Milliseconds(timing.Median), 10} {quartiles, 21} {Rate(timing.Flops, timing), 9} {Rate(timing.Bytes, timing), 7} {Percent(share), 7} {Percent(copy), 7}  {timing.Name}, {precision}{each}";
    }

    private static string Percent(double? share) =>
        share is { } part ? part.ToString("P0", CultureInfo.InvariantCulture) : string.Empty;

    private static string Milliseconds(double seconds) => (seconds * 1e3).ToString("G4", CultureInfo.InvariantCulture);

    private static string Rate(double work, Timing timing) =>
        work > 0 ? (work / timing.Median / 1e9).ToString("F0", CultureInfo.InvariantCulture) : string.Empty;

    private static JsonObject ToJson(Timing timing, double? share, double? copy) =>
        new()
        {
            ["name"] = timing.Name,
            ["precision"] = timing.Precision == Precision.Float32 ? "float32" : "float64",
            ["seconds"] = new JsonArray([.. timing.Seconds.Select(second => JsonValue.Create(second))]),
            ["median"] = timing.Median,
            ["flops"] = timing.Flops > 0 ? timing.Flops : null,
            ["bytes"] = timing.Bytes > 0 ? timing.Bytes : null,
            ["items"] = timing.Items > 0 ? timing.Items : null,
            ["share-of-peak"] = share,
            ["share-of-copy"] = copy,
        };
}
