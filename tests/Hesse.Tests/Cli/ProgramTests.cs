using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Cli;

public sealed class ProgramTests : IDisposable
{
    private const string Spec = """
        version: 1
        name: small
        replicas: 5
        data: {kind: gauss, classes: 2, dimension: 3, samples: 8}
        network: {hidden: [2]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 6}
        observe: [{quantity: loss, every: 2}]
        """;

    private readonly TemporaryFolder _folder = new();

    public ProgramTests() => File.WriteAllText(_folder.PathOf("spec.yaml"), Spec);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("run --help")]
    [InlineData("probe --help")]
    [InlineData("schema")]
    public void Help_and_version_go_to_the_output(string words)
    {
        (int code, string output, string error) = CommandLine.Run(words.Split(' '));
        code.ShouldBe(0);
        output.ShouldNotBeEmpty();
        error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", 64, "no verb")]
    [InlineData("rnu", 64, "did you mean 'run'?")]
    [InlineData("run", 64, "SPEC is missing")]
    [InlineData("run SPEC --replica 3", 64, "did you mean '--replicas'?")]
    [InlineData("run SPEC --threads many", 64, "--threads")]
    [InlineData("run SPEC --threads 0", 64, "--threads")]
    [InlineData("run SPEC --shard 2/2", 64, "--shard")]
    [InlineData("run SPEC --stop-after soon", 64, "--stop-after")]
    [InlineData("run SPEC --memory much", 64, "--memory")]
    [InlineData("run SPEC --color blue", 64, "--color")]
    [InlineData("run SPEC junk", 64, "unexpected word 'junk'")]
    [InlineData("run SPEC --seed 3 --seed 4", 64, "--seed is given twice")]
    [InlineData("run SPEC --set training.steps=1 network.activation=tanh", 64, "unexpected word")]
    [InlineData("status . extra", 64, "unexpected word 'extra'")]
    [InlineData("stats . --color blue", 64, "--color")]
    [InlineData("stats NOWHERE --color never", 66, "NOWHERE")]
    [InlineData("stats NOWHERE --color=always", 66, "NOWHERE")]
    [InlineData("run SPEC --set replicas", 64, "--set")]
    [InlineData("run SPEC --set trainig.steps=3", 64, "training")]
    [InlineData("run SPEC --set training.steps=-1", 64, "training.steps")]
    [InlineData("run SPEC --set training.steps=many", 64, "training.steps")]
    [InlineData("run SPEC --replicas 0", 64, "replicas")]
    [InlineData("run SPEC --seed -1", 64, "seed")]
    [InlineData("run SPEC --backend cpu --devices 0", 64, "--devices")]
    [InlineData("run SPEC --backend reference --devices 0,1", 64, "--devices")]
    [InlineData("run SPEC --backend gpu", 64, "unknown backend")]
    [InlineData("run SPEC --backend cuda --devices 99", 69, "cuda")]
    [InlineData("run SPEC --devices 1,one", 64, "--devices")]
    [InlineData("run SPEC --devices 1,1", 64, "stands twice")]
    [InlineData("run MISSING.yaml", 66, "MISSING.yaml")]
    [InlineData("run SPEC --memory 10", 71, "memory")]
    [InlineData("status NOWHERE", 66, "NOWHERE")]
    [InlineData("verify .", 66, "no results")]
    [InlineData("export . --format zip", 64, "--format")]
    [InlineData("export .", 64, "--format is missing")]
    public void F33_mistakes_are_told_in_one_line_with_their_exit_code(string words, int expected, string told)
    {
        string[] args = [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Word)];
        (int code, string output, string error) = CommandLine.Run(args);
        code.ShouldBe(expected, error);
        output.ShouldBeEmpty();
        string line = error.TrimEnd('\n').ShouldNotBeNull();
        line.ShouldNotContain("\n");
        line.ShouldStartWith("hesse: ");
        line.ShouldContain(told);
        Directory.Exists(_folder.PathOf("out")).ShouldBeFalse();
    }

    [Fact]
    public void A_run_is_computed_found_verified_summarised_and_exported()
    {
        (int code, string output, string error) = CommandLine.Run(RunWords());
        code.ShouldBe(0, error);
        output.ShouldContain("5/5 done");
        error.ShouldContain("training");

        (code, output, _) = CommandLine.Run(RunWords("--quiet"));
        code.ShouldBe(0);
        output.ShouldBeEmpty();
        CommandLine.Run(RunWords()).Output.ShouldContain("5/5 done");
        CommandLine.Run("status", _folder.PathOf("out")).Output.ShouldContain("small: 5/5 done, complete");
        Json("status", _folder.PathOf("out"), "--json")["settings"]![0]!["done"]!.GetValue<int>().ShouldBe(5);
        CommandLine.Run("verify", _folder.PathOf("out")).Code.ShouldBe(0);
        Json("verify", _folder.PathOf("out"), "--json")["settings"]![0]!["sound"]!.GetValue<bool>().ShouldBeTrue();
        CommandLine.Run("stats", _folder.PathOf("out")).Output.ShouldContain("loss");
        Json("stats", _folder.PathOf("out"), "--json")["settings"]![0]!["rows"]!.AsArray().Count.ShouldBe(4);
        CommandLine.Run("merge", _folder.PathOf("out")).Output.ShouldContain("was complete");
        CommandLine.Run("export", _folder.PathOf("out"), "--format", "npz").Code.ShouldBe(0);
        CommandLine.Run("export", _folder.PathOf("out"), "--format", "csv").Code.ShouldBe(0);
        File.ReadAllLines(Path.Combine(_folder.PathOf("out"), "small", "export", "loss.csv"))
            .Length.ShouldBe(1 + (5 * 4));
    }

    [Fact]
    public void Assignments_may_stand_before_the_spec_and_the_last_one_holds()
    {
        string[] words =
        [
            "run",
            "--set",
            "replicas=2",
            "--set=training.steps=4",
            "--set",
            "replicas=3",
            _folder.PathOf("spec.yaml"),
            "--out",
            _folder.PathOf("out"),
        ];
        (int code, string output, string error) = CommandLine.Run(words);
        code.ShouldBe(0, error);
        output.ShouldContain("3/3 done");
    }

    [Fact]
    public void A_plan_counts_and_writes_nothing()
    {
        JsonNode plan = Json("plan", _folder.PathOf("spec.yaml"), "--json")["plan"]!;
        plan["replicas"]!.GetValue<int>().ShouldBe(5);
        plan["parameters"]!.GetValue<int>().ShouldBe((2 * 4) + (2 * 3));
        plan["disk-bytes"]!.GetValue<long>().ShouldBe(2 * 5 * 4 * 8);
        CommandLine.Run("plan", _folder.PathOf("spec.yaml")).Output.ShouldContain("estimated");
        Directory.GetFileSystemEntries(_folder.Root).Length.ShouldBe(1);
    }

    [Fact]
    public void A_damaged_result_fails_verification()
    {
        CommandLine.Run(RunWords());
        string file = Path.Combine(_folder.PathOf("out"), "small", "arrays", "loss.npy");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        (int code, _, string error) = CommandLine.Run("verify", _folder.PathOf("out"));
        code.ShouldBe(65);
        error.ShouldContain("loss.npy");
    }

    [Fact]
    public void A_run_that_is_out_of_time_stops_resumable()
    {
        (int code, _, string error) = CommandLine.Run(RunWords("--stop-after", "0.000001s"));
        code.ShouldBe(75);
        error.ShouldContain("stopped early");
        CommandLine.Run(RunWords()).Code.ShouldBe(0);
    }

    [Fact]
    public void F24_when_every_replica_diverges_strict_fails_after_the_results_are_written()
    {
        string[] words = RunWords("--set", "training.optimizer.step-size=1e30");
        (int code, string output, string error) = CommandLine.Run(words);
        code.ShouldBe(0, error);
        output.ShouldContain("5 diverged");
        error.ShouldContain("every replica diverged");
        CommandLine.Run([.. words, "--strict"]).Code.ShouldBe(3);
    }

    [Fact]
    public void F40_control_characters_do_not_reach_the_terminal()
    {
        (int code, _, string error) = CommandLine.Run("status", "x\u001b[31m[red]");
        code.ShouldBe(66);
        error.ShouldNotContain("\u001b");
        error.ShouldContain("[red]");
    }

    [Fact]
    public void Fewer_replicas_than_there_are_give_a_warning()
    {
        CommandLine.Run(RunWords());
        (int code, _, string error) = CommandLine.Run(RunWords("--replicas", "3", "--quiet"));
        code.ShouldBe(0);
        error.ShouldContain("hesse: warning: ");
        error.ShouldContain("3 of 5 replicas");
    }

    [Theory]
    [InlineData("out")]
    [InlineData("out/small")]
    public void A_file_where_a_folder_should_be_is_named(string file)
    {
        string path = Path.Combine(_folder.Root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        (int code, _, string error) = CommandLine.Run(RunWords());
        code.ShouldBe(74);
        error.TrimEnd().ShouldBe($"hesse: {path} is a file, not a folder");
    }

    [Fact]
    public void An_export_that_cannot_be_written_names_its_folder()
    {
        CommandLine.Run(RunWords());
        string folder = Path.Combine(_folder.PathOf("out"), "small");
        Directory.CreateDirectory(Path.Combine(folder, "export.npz.part"));
        (int code, _, string error) = CommandLine.Run("export", folder, "--format", "npz");
        code.ShouldBeOneOf(74, 77);
        error.ShouldStartWith($"hesse: {folder}: ");
    }

    private string Word(string word) =>
        word switch
        {
            "SPEC" => _folder.PathOf("spec.yaml"),
            "." => _folder.Root,
            _ => word,
        };

    private string[] RunWords(params string[] more) =>
        ["run", _folder.PathOf("spec.yaml"), "--out", _folder.PathOf("out"), "--threads", "1", .. more];

    private static JsonNode Json(params string[] args)
    {
        (int code, string output, string error) = CommandLine.Run(args);
        code.ShouldBe(0, error);
        return JsonNode.Parse(output)!;
    }
}
