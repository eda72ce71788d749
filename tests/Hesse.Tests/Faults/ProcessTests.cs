using System.Diagnostics;

namespace Hesse.Tests.Faults;

/// <summary>Real processes that are killed, stopped and started together.</summary>
[Trait("Category", "Fault")]
public sealed class ProcessTests : IDisposable
{
    // Checkpoints many times a second, so that kills find them in every state.
    // The promise is ten seconds on a machine of one's own; tests share theirs with whatever else runs, and wait that many times longer.
    private const double StopSeconds = 10;
    private const double SharedMachine = 6;
    private static readonly string[] Often = ["--checkpoint-every", "0.05s", "--quiet"];
    private readonly FaultExperiment _experiment = new(FaultExperiment.Long);

    public void Dispose() => _experiment.Dispose();

    [Fact]
    public void F01_runs_that_are_killed_at_random_times_end_with_the_same_bytes()
    {
        (int kills, _) = Interrupt(HesseProcess.Kill, Repetitions.Of(200), seed: 1, [137]);
        Repetitions.Report("F01", "kill -9 survived", kills);
    }

    [Fact]
    public void F16_runs_that_are_asked_to_stop_at_random_times_end_with_75_and_resume_to_the_same_bytes()
    {
        // 143: asked before the program could listen.
        (int stops, TimeSpan slowest) = Interrupt(HesseProcess.Terminate, Repetitions.Of(100), seed: 16, [75, 143]);
        slowest.TotalSeconds.ShouldBeLessThan(StopSeconds * SharedMachine);
        Repetitions.Report("F16", "SIGTERM survived", stops);
        Repetitions.Report("F16", "milliseconds from SIGTERM to the end, at most", (long)slowest.TotalMilliseconds);
    }

    [Fact]
    public void F16_a_stop_is_heard_within_ten_seconds_in_the_middle_of_a_long_measurement()
    {
        using Process process = StartLongMeasurement("long");
        long asked = Stopwatch.GetTimestamp();
        HesseProcess.Signal(process, HesseProcess.Terminate);
        (int code, _, string error) = HesseProcess.Finish(process);
        TimeSpan heard = Stopwatch.GetElapsedTime(asked);

        code.ShouldBe(75, error);
        error.ShouldContain("stopped early");
        // Else it ended after minutes, with the measurement.
        error.ShouldContain("in the middle of a long computation");
        heard.TotalSeconds.ShouldBeLessThan(StopSeconds * SharedMachine);
        Repetitions.Report("F16", "milliseconds to the end in a long measurement", (long)heard.TotalMilliseconds);
        string checkpoints = Path.Combine(_experiment.PathOf("long"), "long", "checkpoint");
        Directory.GetDirectories(checkpoints, "a", SearchOption.AllDirectories).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(HesseProcess.Terminate, 143)]
    [InlineData(HesseProcess.Interrupt, 130)]
    public void F17_a_second_signal_ends_the_process_at_once(int signal, int expected)
    {
        using (Process process = StartLongMeasurement("twice"))
        {
            // The third finds nobody, or a process that ends.
            for (int time = 0; time < 3; time++)
            {
                HesseProcess.Signal(process, signal);
                Thread.Sleep(500);
            }

            HesseProcess.Finish(process).Code.ShouldBe(expected);
        }

        // What was saved is whole: without the long measurement the run goes on from it to its end.
        string spec = _experiment.PathOf("long.yaml");
        string output = _experiment.PathOf("twice");
        (int code, _, string error) = HesseProcess.Run([
            "run",
            spec,
            "--out",
            output,
            "--threads",
            "1",
            "--set",
            "observe=[{quantity: loss, every: 1}]",
        ]);
        code.ShouldBe(0, error);
        error.ShouldNotContain("damaged");
        HesseProcess.Run(["verify", output]).Code.ShouldBe(0);
    }

    [Fact]
    public void F19_a_suspended_run_goes_on_and_a_lost_terminal_stops_it_resumable()
    {
        using (Process process = _experiment.Start("run", Often))
        {
            WaitFor(Path.Combine(_experiment.Root("run"), "tmp"));
            HesseProcess.Signal(process, HesseProcess.Stop);
            Thread.Sleep(Repetitions.Of(60) * 1000);
            process.HasExited.ShouldBeFalse();
            HesseProcess.Signal(process, HesseProcess.Continue);
            HesseProcess.Signal(process, HesseProcess.Hangup);
            HesseProcess.Finish(process).Code.ShouldBe(75);
        }

        using Process again = _experiment.Start("run", Often);
        HesseProcess.Finish(again).Code.ShouldBe(0);
        _experiment.ShouldBeIdentical("run");
    }

    [Fact]
    public void F20_of_two_processes_that_start_together_exactly_one_works()
    {
        int rounds = Repetitions.Of(100);
        int met = 0;
        for (int round = 0; round < rounds; round++)
        {
            string output = $"pair-{round}";
            using Process first = _experiment.Start(output, Often);
            using Process second = _experiment.Start(output, Often);
            (int Code, string Output, string Error)[] ends = [HesseProcess.Finish(first), HesseProcess.Finish(second)];
            string codes = string.Join(' ', ends.Select(end => end.Code).Order());
            // A machine that starts one of them late lets both work, one after the other.
            codes.ShouldBeOneOf("0 73", "0 0");
            met += codes == "0 73" ? 1 : 0;
            foreach (
                (Process other, string error) in new[] { (second, ends[0]), (first, ends[1]) }
                    .Where(pair => pair.Item2.Code == 73)
                    .Select(pair => (pair.Item1, pair.Item2.Error))
            )
            {
                error.ShouldContain($"is in use by process {other.Id} on {Environment.MachineName}");
            }

            _experiment.ShouldBeIdentical(output);
            Directory.Delete(_experiment.PathOf(output), recursive: true);
        }

        met.ShouldBeGreaterThan(0);
        Repetitions.Report("F20", "pairs started together", rounds);
        Repetitions.Report("F20", "of them met, and one ended with 73", met);
    }

    [Fact]
    public void F22_a_shard_that_is_killed_is_computed_by_another_process_and_the_union_is_that_of_one_run()
    {
        Process[] shards =
        [
            .. Enumerable.Range(0, 4).Select(i => _experiment.Start("run", ["--shard", $"{i}/4", .. Often])),
        ];
        WaitFor(Path.Combine(_experiment.Root("run"), "shards", "shard-1-of-4.json"));
        HesseProcess.Signal(shards[1], HesseProcess.Kill);
        int[] codes = [.. shards.Select(shard => HesseProcess.Finish(shard).Code)];
        (codes[0], codes[2], codes[3]).ShouldBe((0, 0, 0));
        using Process again = _experiment.Start("run", ["--shard", "1/4", .. Often]);
        HesseProcess.Finish(again).Code.ShouldBe(0);

        HesseProcess.Run(["merge", _experiment.PathOf("run")]).Code.ShouldBe(0);

        _experiment.ShouldBeIdentical("run");
        foreach (Process shard in shards)
        {
            shard.Dispose();
        }
    }

    /// <summary>Interrupts runs of one folder at random times, and lets one finish now and then.</summary>
    private (int Interrupted, TimeSpan Slowest) Interrupt(int signal, int times, int seed, int[] expected)
    {
        Random random = new(seed);
        // As long as a run takes here and now, so that what is interrupted has come anywhere. Of two, the shorter: every wait
        // below is a share of it, and one crowded moment would stretch them all.
        TimeSpan first = Undisturbed();
        TimeSpan second = Undisturbed();
        TimeSpan whole = first < second ? first : second;
        int interrupted = 0;
        int begun = 0;
        TimeSpan slowest = TimeSpan.Zero;
        while (interrupted < times)
        {
            using Process process = _experiment.Start("run", Often);
            bool ended = process.WaitForExit(whole * random.NextDouble());
            long asked = Stopwatch.GetTimestamp();
            if (!ended)
            {
                HesseProcess.Signal(process, signal);
            }

            (int code, _, string error) = HesseProcess.Finish(process);
            TimeSpan taken = Stopwatch.GetElapsedTime(asked);
            slowest = taken > slowest ? taken : slowest;
            if (code == 0)
            {
                _experiment.ShouldBeIdentical("run");
                Directory.Delete(_experiment.PathOf("run"), recursive: true);
                continue;
            }

            code.ShouldBeOneOf(expected, error);
            interrupted++;
            begun += Directory.Exists(_experiment.Paths("run").Checkpoints) || HasChunk("run") ? 1 : 0;
        }

        begun.ShouldBeGreaterThan(times / 4, "most were interrupted before they did anything");

        using Process last = _experiment.Start("run", Often);
        HesseProcess.Finish(last).Code.ShouldBe(0);
        _experiment.ShouldBeIdentical("run");
        return (interrupted, slowest);
    }

    private TimeSpan Undisturbed()
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = _experiment.Start("undisturbed", Often);
        HesseProcess.Finish(process).Code.ShouldBe(0);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        Directory.Delete(_experiment.PathOf("undisturbed"), recursive: true);
        return taken;
    }

    private bool HasChunk(string output) =>
        Directory.Exists(_experiment.Paths(output).Chunks)
        && Directory.GetDirectories(_experiment.Paths(output).Chunks).Length > 0;

    // All eigenvalues of a matrix of order 8006, in one slice: longer than a stop may take on any machine.
    private Process StartLongMeasurement(string output)
    {
        string spec = _experiment.PathOf("long.yaml");
        File.WriteAllText(
            spec,
            """
            version: 1
            name: long
            replicas: 1
            data: {kind: gauss, classes: 2, dimension: 20, samples: 8}
            network: {hidden: [348]}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 4}
            observe: [{quantity: loss, every: 1}, {quantity: hessian-spectrum, at: [2]}]
            """
        );
        Process process = HesseProcess.Start([
            "run",
            spec,
            "--out",
            _experiment.PathOf(output),
            "--threads",
            "1",
            "--checkpoint-every",
            "0.001s",
        ]);
        string checkpoints = Path.Combine(_experiment.PathOf(output), "long", "checkpoint");
        // Saved before the one slice of the measurement begins.
        for (int i = 0; i < 1200 && !Measures(checkpoints); i++)
        {
            Thread.Sleep(50);
        }

        // The checkpoint is there a moment before it is synced and the measurement begins.
        Thread.Sleep(3000);
        return process;
    }

    private static bool Measures(string checkpoints)
    {
        try
        {
            return Directory.Exists(checkpoints)
                && Directory
                    .GetFiles(checkpoints, "header.json", SearchOption.AllDirectories)
                    .Any(header =>
                        File.ReadAllText(header).Contains("\"measured-step\": 2,", StringComparison.Ordinal)
                    );
        }
        // Checkpoints are replaced while this looks at them.
        catch (IOException)
        {
            return false;
        }
    }

    private static void WaitFor(string folder)
    {
        for (int i = 0; i < 600 && !Directory.Exists(folder) && !File.Exists(folder); i++)
        {
            Thread.Sleep(50);
        }
    }
}
