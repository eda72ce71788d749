using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Hesse.Tests.Faults;

namespace Hesse.Tests.Cli;

/// <summary>The keys of every --json answer stand in docs/cli.md, and what stands there is answered.</summary>
public sealed class JsonAnswersTests : IDisposable
{
    private const string Spec = """
        version: 1
        name: small
        replicas: 3
        data: {kind: gauss, classes: 2, dimension: 3, samples: 6}
        network: {hidden: [2]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 2, order: epochs}, steps: 4}
        observe: [{quantity: loss, every: 1}]
        sweep: {training.batch.size: [2, 3]}
        """;

    // Keys that only a process at work or a fault brings.
    private static readonly string[] Rare =
    [
        "host",
        "pid",
        "shard",
        "job",
        "state",
        "last-beat",
        "silent-seconds",
        "file",
        "problem",
    ];

    private readonly TemporaryFolder _folder = new();

    public JsonAnswersTests()
    {
        File.WriteAllText(_folder.PathOf("spec.yaml"), Spec);
        CommandLine.Run("run", _folder.PathOf("spec.yaml"), "--out", Out(), "--quiet").Code.ShouldBe(0);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plan", "plan SPEC --threads 1")]
    [InlineData("status", "status OUT")]
    [InlineData("stats", "stats OUT")]
    [InlineData("stats --compare", "stats OUT/small/batch.size-2 --compare OUT/small/batch.size-3")]
    [InlineData("verify", "verify OUT")]
    [InlineData("merge", "merge OUT")]
    [InlineData("report", "report OUT")]
    [InlineData("check-data", "check-data OUT/small/batch.size-2/arrays/loss.npy")]
    public void Its_keys_are_documented(string verb, string command)
    {
        string[] words =
        [
            .. command
                .Replace("OUT", Out(), StringComparison.Ordinal)
                .Replace("SPEC", _folder.PathOf("spec.yaml"), StringComparison.Ordinal)
                .Split(' '),
            "--json",
        ];
        (int code, string output, string error) = CommandLine.Run(words);
        code.ShouldBe(0, error);
        (SortedSet<string> answered, string[] documented) = Keys(verb, output);
        answered.Except(documented).ShouldBeEmpty();
        documented.Except(answered).Except(Rare).ShouldBeEmpty();
    }

    // Where there is a device the reason that there is none is missing, elsewhere all the rest.
    [Fact]
    public void Keys_of_devices_are_documented()
    {
        (int code, string output, string error) = HesseProcess.Run(["devices", "--json"]);
        (SortedSet<string> answered, string[] documented) = Keys("devices", output);
        answered.Except(documented).ShouldBeEmpty();
        if (code == 0)
        {
            documented.Except(answered).ShouldHaveSingleItem().ShouldBe("unavailable");
        }
        else
        {
            code.ShouldBe(69, error);
            string.Join(' ', answered).ShouldBe("cuda devices unavailable");
        }
    }

    private static (SortedSet<string> Answered, string[] Documented) Keys(string verb, string output)
    {
        JsonNode answer = JsonNode.Parse(output)!;
        answer["version"]!.GetValue<int>().ShouldBe(1);
        SortedSet<string> answered = new(StringComparer.Ordinal);
        Collect(answer, answered);
        answered.Remove("version");

        string row = File.ReadLines(Path.Combine(Docs(), "cli.md"))
            .Single(line => line.StartsWith($"| {verb} | `", StringComparison.Ordinal));
        return (answered, [.. row.Split('`').Where((_, i) => i % 2 == 1)]);
    }

    // Names of stages are no keys of the form.
    private static void Collect(JsonNode? node, SortedSet<string> keys)
    {
        foreach (JsonNode? item in node as JsonArray ?? [])
        {
            Collect(item, keys);
        }

        foreach ((string key, JsonNode? value) in node as JsonObject ?? [])
        {
            keys.Add(key);
            Collect(key == "stages" ? null : value, keys);
        }
    }

    private string Out() => _folder.PathOf("out");

    private static string Docs([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../../docs"));
}
