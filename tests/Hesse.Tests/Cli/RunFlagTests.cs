using System.Text.Json.Nodes;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Tests.Cli;

public sealed class RunFlagTests : IDisposable
{
    private const string Text = """
        version: 1
        name: small
        replicas: 260
        data: {kind: gauss, classes: 2, dimension: 3, samples: 8}
        network: {hidden: [2]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 6}
        observe: [{quantity: loss, every: 2}]
        """;

    private readonly TemporaryFolder _folder = new();

    public RunFlagTests() => File.WriteAllText(_folder.PathOf("spec.yaml"), Text);

    private string Root => Path.Combine(_folder.PathOf("out"), "small");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Repair_computes_only_the_damaged_chunk_again()
    {
        Run().Code.ShouldBe(0);
        byte[] arrays = File.ReadAllBytes(Path.Combine(Root, "arrays", "loss.npy"));
        DateTime other = Directory.GetLastWriteTimeUtc(Chunk("seeds-00000000-00000255"));
        Flip(Path.Combine(Chunk("seeds-00000256-00000259"), "loss.npy"));
        CommandLine.Run("verify", Root).Code.ShouldBe(65);

        (int code, _, string error) = Run("--repair");

        code.ShouldBe(0, error);
        error.ShouldContain("seeds-00000256-00000259/loss.npy is damaged");
        CommandLine.Run("verify", Root).Code.ShouldBe(0);
        File.ReadAllBytes(Path.Combine(Root, "arrays", "loss.npy")).ShouldBe(arrays);
        Directory.GetLastWriteTimeUtc(Chunk("seeds-00000000-00000255")).ShouldBe(other);
    }

    [Fact]
    public void Repair_writes_a_damaged_manifest_again_and_without_it_the_message_says_so()
    {
        Run().Code.ShouldBe(0);
        Flip(Path.Combine(Root, "manifest.json"));
        Run().Code.ShouldBe(65);

        Run("--repair").Code.ShouldBe(0);

        CommandLine.Run("verify", Root).Code.ShouldBe(0);
    }

    [Fact]
    public void A_run_with_nothing_to_compute_notices_a_damaged_array()
    {
        Run().Code.ShouldBe(0);
        Flip(Path.Combine(Root, "arrays", "loss.npy"));

        (int code, _, string error) = Run();

        code.ShouldBe(0, error);
        error.ShouldContain("was missing or damaged");
        CommandLine.Run("verify", Root).Code.ShouldBe(0);
        Run().Error.ShouldNotContain("damaged");
    }

    [Fact]
    public void A_stopped_run_ends_with_the_exit_code_of_the_scheduler()
    {
        Run("--stop-after", "0.000001s", "--requeue-exit-code", "99").Code.ShouldBe(99);
        Run("--requeue-exit-code", "256").Code.ShouldBe(64);
    }

    [Fact]
    public void F21_a_folder_left_by_another_machine_needs_break_lock()
    {
        Run("--stop-after", "0.000001s").Code.ShouldBe(75);
        LeaveOwner(host: "elsewhere", pid: 17, boot: "other");

        (int code, _, string error) = Run();

        code.ShouldBe(73);
        error.ShouldContain("process 17 on elsewhere");
        error.ShouldContain("--break-lock");
        JsonNode owner = Status()["owners"]!.AsArray().ShouldHaveSingleItem()!;
        owner["state"]!.GetValue<string>().ShouldBe("silent");
        Run("--break-lock").Code.ShouldBe(0);
        Status()["owners"]!.AsArray().ShouldBeEmpty();
        File.Exists(Path.Combine(Root, "owner.json")).ShouldBeFalse();
    }

    [Fact]
    public void F21_a_dead_owner_on_this_machine_is_succeeded_although_its_number_is_taken_again()
    {
        Run("--stop-after", "0.000001s").Code.ShouldBe(75);
        // This test's own number, but of another start.
        LeaveOwner(Environment.MachineName, Environment.ProcessId, BootId());
        Status()["owners"]![0]!["state"]!.GetValue<string>().ShouldBe("gone");
        Run().Code.ShouldBe(0);
    }

    [Fact]
    public void A_process_at_work_beats_and_is_shown()
    {
        ManualClock clock = new();
        ResultPaths paths = new(_folder.PathOf("held"), Shard.Whole);
        ManifestRecord wanted = Stores.SmallResult.Wanted(20, Stores.SmallResult.Loss);
        using (
            ResultFolder held = ResultFolder.Open(
                DiskFiles.Instance,
                paths,
                wanted,
                "{}\n",
                new FolderOptions { Clock = clock }
            )
        )
        {
            ResultOwner owner = Results.Status(paths.Root).Owners.ShouldHaveSingleItem();
            owner.State.ShouldBe("working");
            owner.Record.Beat.ShouldBe(clock.Now);
            clock.Advance(TimeSpan.FromSeconds(OwnerLock.BeatSeconds));
            Results.Status(paths.Root).Owners[0].Record.Beat.ShouldBe(clock.Now);
        }

        Results.Status(paths.Root).Owners.ShouldBeEmpty();
    }

    [Fact]
    public void A_chunk_that_the_device_keeps_failing_with_is_left_out_until_it_is_retried()
    {
        Spec spec = SpecReader.Read(_folder.PathOf("spec.yaml"), []);
        RunOptions options = new() { Output = _folder.PathOf("out"), Threads = 1 };
        for (int i = 0; i < FailedChunks.MostTries; i++)
        {
            Should
                .Throw<HesseException>(() => Experiment.Run(spec, options, observers: null, new FailingDevice()))
                .Code.ShouldBe(ExitCode.DeviceFailed);
        }

        (int code, _, string error) = Run();
        code.ShouldBe(70);
        error.ShouldContain("replicas 0 .. 255 are left out");
        error.ShouldContain("the device failed");
        error.ShouldContain("--retry-failed");
        Directory.Exists(Chunk("seeds-00000256-00000259")).ShouldBeTrue();
        Directory.Exists(Path.Combine(Root, "arrays")).ShouldBeFalse();
        Run("--retry-failed").Code.ShouldBe(0);
        CommandLine.Run("verify", Root).Code.ShouldBe(0);
    }

    private string Chunk(string name) => Path.Combine(Root, "chunks", name);

    private (int Code, string Output, string Error) Run(params string[] more) =>
        CommandLine.Run(["run", _folder.PathOf("spec.yaml"), "--out", _folder.PathOf("out"), .. more]);

    private JsonNode Status() =>
        JsonNode.Parse(CommandLine.Run("status", _folder.PathOf("out"), "--json").Output)!["settings"]![0]!;

    private void LeaveOwner(string host, int pid, string boot) =>
        File.WriteAllText(
            Path.Combine(Root, "owner.json"),
            $$"""{"host": "{{host}}", "pid": {{pid}}, "boot": "{{boot}}", "started": 1, "beat": "2026-01-01T00:00:00+00:00"}"""
        );

    private static string BootId() =>
        File.Exists("/proc/sys/kernel/random/boot_id")
            ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()
            : string.Empty;

    private static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private sealed class FailingDevice : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Done > 0)
            {
                throw new HesseException(ExitCode.DeviceFailed, "the device failed");
            }
        }
    }
}
