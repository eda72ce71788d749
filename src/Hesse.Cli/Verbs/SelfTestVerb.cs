using System.Globalization;
using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Backends;
using Hesse.Backends.SelfTests;

namespace Hesse.Cli.Verbs;

/// <summary>hesse selftest: whether this machine computes what is known.</summary>
[Verb("selftest", HelpText = "Check the backends of this machine against known numbers and against each other.")]
[Examples(
    "hesse selftest",
    "every backend of this machine",
    "hesse selftest --backend cuda",
    "the card before a long run"
)]
internal sealed class SelfTestVerb : IVerb
{
    [Option("backend", MetaValue = "NAME", HelpText = "reference, cpu or cuda; default all that work here.")]
    public string? Backend { get; set; }

    [Option("threads", MetaValue = "N", HelpText = "Worker threads; default all cores.")]
    public int? Threads { get; set; }

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

        JsonArray answers = [];
        bool passed = true;
        foreach (string name in Backend is { } chosen ? [chosen] : Named())
        {
            IBackend? opened = Open(name, threads, messages);
            if (opened is not null)
            {
                using IBackend backend = opened;
                passed &= Check(backend, messages, answers);
            }
        }

        if (Json)
        {
            JsonOutput.Write(messages, "backends", answers);
        }

        return passed ? ExitCode.Ok : ExitCode.GateFailed;
    }

    private static IEnumerable<string> Named() =>
        BackendSelector.Names.Where(name => name != BackendSelector.Automatic);

    // A backend that nobody asked for by name and that does not work here is passed over, with the reason.
    private IBackend? Open(string name, int threads, Messages messages)
    {
        try
        {
            return BackendSelector.Open(name, threads);
        }
        catch (HesseException failure) when (Backend is null && failure.Code == ExitCode.DeviceUnavailable)
        {
            messages.Failure($"{name} is left out: {failure.Message}");
            return null;
        }
    }

    private bool Check(IBackend backend, Messages messages, JsonArray answers)
    {
        if (!Json)
        {
            messages.Output.WriteLine($"{backend.Name} on {backend.Device}");
            messages.Output.WriteLine($"  {"error", 9}  {"tolerance", 9}");
        }

        IReadOnlyList<SelfTestResult> results = SelfTest.Run(backend, Json ? null : Write);
        SelfTestResult[] failed = [.. results.Where(result => !result.Passed)];
        if (Json)
        {
            answers.Add(
                new JsonObject
                {
                    ["backend"] = backend.Name,
                    ["device"] = backend.Device,
                    ["passed"] = failed.Length == 0,
                    ["checks"] = new JsonArray([.. results.Select(ToJson)]),
                }
            );
        }
        else
        {
            string verdict =
                failed.Length == 0
                    ? $"all {results.Count} checks passed"
                    : $"{failed.Length} of {results.Count} FAILED";
            messages.Output.WriteLine($"  {backend.Name}: {verdict}");
        }

        return failed.Length == 0;

        void Write(SelfTestResult result)
        {
            string mark = result.Passed ? string.Empty : "  FAILED";
            messages.Output.WriteLine(
                $"  {Number(result.Error), 9}  {Number(result.Tolerance), 9}  {result.Group}: {result.Name}{mark}"
            );
        }
    }

    private static string Number(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture);

    private static JsonObject ToJson(SelfTestResult result) =>
        new()
        {
            ["group"] = result.Group,
            ["name"] = result.Name,
            // JSON has no NaN: a missing result is null.
            ["error"] = double.IsFinite(result.Error) ? result.Error : null,
            ["tolerance"] = result.Tolerance,
            ["passed"] = result.Passed,
        };
}
