using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;
using Hesse.Tests.Stores;

namespace Hesse.Tests.Faults;

/// <summary>Checkpoints that are damaged, old or foreign.</summary>
[Trait("Category", "Fault")]
public sealed class CheckpointFaultTests : IDisposable
{
    private readonly FaultExperiment _experiment = new(FaultExperiment.Quick);

    public void Dispose() => _experiment.Dispose();

    [Fact]
    public void F13_a_damaged_checkpoint_gives_way_to_the_older_one_and_both_to_the_beginning()
    {
        foreach (string[] damaged in new[] { ["newer"], new[] { "newer", "older" } })
        {
            StopAt("run", checkpoints: 4);
            string[] newestFirst = [.. Generations("run").OrderByDescending(path => Header(path).Sequence)];
            for (int i = 0; i < damaged.Length; i++)
            {
                Flip(Path.Combine(newestFirst[i], "replica-state.npy"));
            }

            RunReport report = _experiment.Run("run");

            report.Repairs.Count.ShouldBe(damaged.Length);
            report.Repairs[0].ShouldContain(Path.Combine(newestFirst[0], "replica-state.npy"));
            _experiment.ShouldBeIdentical("run", damaged[^1]);
            Directory.Delete(_experiment.PathOf("run"), recursive: true);
        }
    }

    [Fact]
    public void F14_the_two_generations_hold_the_last_two_checkpoints_at_any_time()
    {
        List<long[]> seen = [];
        Watching files = new(() => seen.Add([.. Generations("run").Select(path => Header(path).Sequence).Order()]));
        _experiment.Run("run", files);

        seen.Count.ShouldBeGreaterThan(5);
        for (int k = 0; k < seen.Count; k++)
        {
            seen[k].ShouldBe(k == 0 ? [1] : [k, k + 1]);
        }
    }

    [Theory]
    [InlineData("backend", "reference", "--force")]
    [InlineData("engine", "7.0.0", "--force")]
    [InlineData("identity", "bb22", "another experiment")]
    [InlineData("rng", "other/v2", "random numbers")]
    public void F15_a_foreign_checkpoint_is_refused_with_the_reason(string what, string value, string told)
    {
        StopAt("run", checkpoints: 3);
        foreach (string path in Generations("run"))
        {
            string file = Path.Combine(path, "header.json");
            CheckpointRecord record = Header(path);
            record = what switch
            {
                "backend" => record with { Backend = value },
                "engine" => record with { Engine = value },
                "identity" => record with { Identity = value },
                _ => record with { Rng = value },
            };
            SealedJson.Write(DiskFiles.Instance, file, record, StoreFormat.Records.CheckpointRecord);
        }

        HesseException failure = Should.Throw<HesseException>(() => _experiment.Run("run"));

        failure.Code.ShouldBe(ExitCode.OutputBusy);
        failure.Message.ShouldContain(value);
        failure.Message.ShouldContain(told);
    }

    [Fact]
    public void F15_an_edited_spec_does_not_continue_the_old_run()
    {
        StopAt("run", checkpoints: 3);
        File.WriteAllText(
            _experiment.SpecPath,
            _experiment.Text.Replace("step-size: 0.1", "step-size: 0.2", StringComparison.Ordinal)
        );

        Should.Throw<HesseException>(() => _experiment.Run("run")).Code.ShouldBe(ExitCode.OutputBusy);
    }

    private string[] Generations(string output)
    {
        string folder = _experiment.Paths(output).Checkpoints;
        return Directory.Exists(folder)
            ? [.. Directory.GetDirectories(folder).SelectMany(Directory.GetDirectories)]
            : [];
    }

    private void StopAt(string output, int checkpoints)
    {
        using CancellationTokenSource stop = new();
        int written = 0;
        Watching files = new(() =>
        {
            if (++written == checkpoints)
            {
                stop.Cancel();
            }
        });
        _experiment.Run(output, files, stop: stop.Token).Stopped.ShouldBeTrue();
    }

    private static CheckpointRecord Header(string path) =>
        SealedJson.Read(DiskFiles.Instance, Path.Combine(path, "header.json"), StoreFormat.Records.CheckpointRecord);

    private static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Tells of every checkpoint that appears.</summary>
    private sealed class Watching(Action appeared) : DelegatingFiles(DiskFiles.Instance)
    {
        public override void MoveFolder(string from, string to)
        {
            base.MoveFolder(from, to);
            if (Path.GetFileName(from) == "checkpoint")
            {
                appeared();
            }
        }
    }
}
