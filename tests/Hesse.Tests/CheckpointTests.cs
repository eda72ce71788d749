using System.Text;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Observables;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;
using Hesse.Tests.Stores;

namespace Hesse.Tests;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Stopped and resumed at every place where it can be, in waves of a few replicas, the run ends with the same bytes.</summary>
    [Theory]
    [InlineData("{kind: sgd, step-size: 0.1}", "cpu")]
    [InlineData("{kind: adam, step-size: 0.01}", "cpu")]
    [InlineData("{kind: nesterov, step-size: 0.05, momentum: 0.9}", "cpu")]
    [InlineData("{kind: adam, step-size: 0.01}", "reference")]
    public void A_run_that_is_stopped_again_and_again_ends_with_the_same_bytes(string optimizer, string backend)
    {
        string text = Text(optimizer, replicas: 20);
        Run("whole", text, backend).Stopped.ShouldBeFalse();

        int stops = 0;
        for (bool stopped = true; stopped; )
        {
            using StopAfter files = new(writes: 1 + (stops % 3));
            stopped = Run("pieces", text, backend, files, checkpointEvery: TimeSpan.Zero, stop: files.Token).Stopped;
            stops += stopped ? 1 : 0;
            stops.ShouldBeLessThan(500);
        }

        stops.ShouldBeGreaterThan(5);
        Same("whole", "pieces");
        Directory.Exists(Path.Combine(Root("pieces"), "checkpoint")).ShouldBeFalse();
    }

    /// <summary>The same of settings whose chunks share waves: a stop saves all chunks of the wave at one place.</summary>
    [Fact]
    public void A_sweep_in_one_wave_that_is_stopped_again_and_again_ends_with_the_same_bytes()
    {
        string text =
            Text("{kind: adam, step-size: 0.01}", replicas: 5)
            + "sweep: {training.optimizer.step-size: [0.01, 200], training.optimizer.beta1: [0.9, 0.5]}\n";
        Run("whole", text).Stopped.ShouldBeFalse();

        int stops = 0;
        for (bool stopped = true; stopped; )
        {
            using StopAfter files = new(writes: 1 + (stops % 7));
            stopped = Run("pieces", text, "cpu", files, checkpointEvery: TimeSpan.Zero, stop: files.Token).Stopped;
            stops += stopped ? 1 : 0;
            stops.ShouldBeLessThan(500);
        }

        stops.ShouldBeGreaterThan(5);
        string[] settings = [.. Directory.GetDirectories(Root("whole")).Select(path => Path.GetFileName(path)!)];
        settings.Length.ShouldBe(4);
        foreach (string setting in settings)
        {
            Same(Path.Combine("whole", "small", setting), Path.Combine("pieces", "small", setting), inside: true);
        }
    }

    [Fact]
    public void A_wave_of_more_settings_than_are_saved_at_once_has_a_checkpoint_of_each()
    {
        string text =
            Text("{kind: momentum, step-size: 0.01, momentum: 0.5}", replicas: 2)
            + "sweep: {training.optimizer.step-size: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06], "
            + "training.optimizer.momentum: [0, 0.1, 0.2, 0.3, 0.4, 0.5]}\n";
        using StopAfter files = new(writes: 36);

        Run("a", text, "cpu", files, TimeSpan.Zero, stop: files.Token).Stopped.ShouldBeTrue();

        CheckpointFolder[] saved =
        [
            .. Directory
                .GetDirectories(Root("a"))
                .Select(setting => Newest(setting, replicas: 2))
                .OfType<CheckpointFolder>(),
        ];
        saved.Length.ShouldBe(36);
        saved.Select(checkpoint => checkpoint.Record.Step).Distinct().Count().ShouldBe(1);
        Run("a", text).Stopped.ShouldBeFalse();
        Run("whole", text);
        foreach (string setting in Directory.GetDirectories(Root("whole")).Select(path => Path.GetFileName(path)!))
        {
            Same(Path.Combine("whole", "small", setting), Path.Combine("a", "small", setting), inside: true);
        }
    }

    /// <summary>
    /// Chunks of one wave that a stop finds before and behind the last quantity of a step, and that go on in waves of their own.
    /// </summary>
    [Fact]
    public void Chunks_of_one_wave_that_part_at_a_checkpoint_end_with_the_same_bytes()
    {
        string text = Text("{kind: sgd, step-size: 0.1}", replicas: 16).ReplaceLineEndings("\n");
        text =
            text[..text.IndexOf("observe:", StringComparison.Ordinal)]
                .Replace("steps: 12", "steps: 5", StringComparison.Ordinal)
            + "observe: [{quantity: loss-increment, at: [2, 3]}, {quantity: consecutive-gradient-cosine, at: [2, 3, 4]}]\n"
            + "sweep: {training.optimizer.step-size: [0.1, 0.2]}\n";
        Run("whole", text);
        string[] settings = [.. Directory.GetDirectories(Root("whole")).Select(path => Path.GetFileName(path)!)];
        MemoryBudget budget = Plan.Of(Parse(text), Options("whole")).Settings[0].Memory;
        int parted = 0;
        bool stopped = true;
        for (int pause = 1; stopped; pause++)
        {
            string output = $"pieces-{pause}";
            using StopAtPause clock = new(pause);
            stopped = Run(output, text, files: FaultyFiles.Sound, stop: clock.Token, clock: clock).Stopped;
            int[] measured =
            [
                .. settings.Select(setting =>
                    Newest(Path.Combine(Root(output), setting), replicas: 16)?.Record.MeasuredQuantities ?? 0
                ),
            ];
            if (measured[0] == measured[1])
            {
                continue;
            }

            parted++;
            // Memory for a chunk of 16 replicas, not for both.
            RunOptions alone = Options(output) with
            {
                Memory = budget.BytesFor(24),
                Files = FaultyFiles.Sound,
            };
            Experiment.Run(Parse(text), alone).Stopped.ShouldBeFalse();
            foreach (string setting in settings)
            {
                Same(Path.Combine("whole", "small", setting), Path.Combine(output, "small", setting), inside: true);
            }
        }

        parted.ShouldBeGreaterThan(3);
    }

    [Fact]
    public void A_diverged_replica_stays_diverged_and_its_values_not_numbers_across_a_checkpoint()
    {
        string text = Text("{kind: sgd, step-size: 200}", replicas: 20, loss: "mse");
        Run("whole", text);
        for (bool stopped = true; stopped; )
        {
            using StopAfter files = new(writes: 2);
            stopped = Run("pieces", text, "cpu", files, checkpointEvery: TimeSpan.Zero, stop: files.Token).Stopped;
        }

        File.ReadAllText(Path.Combine(Root("whole"), "replicas.csv")).ShouldContain(",1,");
        Same("whole", "pieces");
    }

    [Fact]
    public void A_resumed_run_goes_on_from_the_step_of_the_checkpoint()
    {
        string text = Text("{kind: sgd, step-size: 0.1}", replicas: 3);
        using StopAfter files = new(writes: 8);
        Run("a", text, "cpu", files, TimeSpan.Zero, stop: files.Token).Stopped.ShouldBeTrue();
        CheckpointFolder saved = Newest(Root("a"), replicas: 3)!;
        saved.Record.Step.ShouldBeInRange(1, 11);

        First progress = new();
        Experiment.Run(Parse(text), Options("a"), progress: progress);

        progress.Done.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(3.0 * saved.Record.Step / 12);
    }

    [Fact]
    public void Less_memory_than_before_begins_the_wave_again_and_keeps_what_is_finished()
    {
        string text = Text("{kind: adam, step-size: 0.01}", replicas: 40);
        Run("whole", text);
        using StopAfter files = new(writes: 3);
        Run("pieces", text, "cpu", files, TimeSpan.Zero, stop: files.Token).Stopped.ShouldBeTrue();

        RunOptions options = Options("pieces");
        long least = 0;
        Should
            .Throw<HesseException>(() => Experiment.Run(Parse(text), options with { Memory = 1 }))
            .Message.ShouldContain("needs");
        for (long memory = 4096; least == 0; memory += 4096)
        {
            try
            {
                Experiment.Run(Parse(text), options with { Memory = memory });
                least = memory;
            }
            catch (HesseException failure) when (failure.Code == ExitCode.DoesNotFit)
            {
                continue;
            }
        }

        Same("whole", "pieces");
    }

    /// <summary>Quantities that keep numbers, or trainings of their own, from one of their times to the next.</summary>
    [Fact]
    public void Every_quantity_goes_on_from_a_checkpoint_with_the_same_bytes()
    {
        // Each once with its options' defaults but for those that make it keep more, or draw less.
        Dictionary<string, string> options = new()
        {
            ["top-eigenvalues"] = ", k: 2, warm-start: true",
            ["early-stopping"] = ", window: 2, patience: 2",
            ["stability-twins"] = ", twins: 2",
            ["noise-gaussianity"] = ", batches: 5, directions: 3, batch: 4",
            ["tail-index"] = ", directions: 3, batch: 2",
            ["spectral-density"] = ", probes: 2, iterations: 5",
            ["principal-angles"] = ", k: 3",
            ["gradient-alignment"] = ", k: 3",
            ["pac-bayes-bound"] = ", draws: 3",
        };
        string[] skipped = ["preconditioned-sharpness"]; // not of sgd; keeps nothing
        string observed = string.Join(
            ", ",
            QuantityCatalogue
                .All.Where(quantity => !skipped.Contains(quantity.Name))
                .Select(quantity =>
                    $"{{quantity: {quantity.Name}, at: [1, 2, 4]{options.GetValueOrDefault(quantity.Name)}}}"
                )
        );
        string text = Text("{kind: sgd, step-size: 0.1}", replicas: 3).ReplaceLineEndings("\n");
        text = text[..text.IndexOf("observe:", StringComparison.Ordinal)] + $"observe: [{observed}]\n";
        text = text.Replace("samples: 8", "samples: 12, test-samples: 6", StringComparison.Ordinal);
        Run("whole", text).Stopped.ShouldBeFalse();

        int stops = 0;
        for (bool stopped = true; stopped; stops++)
        {
            using StopAtPause clock = new(pauses: 3 + (4 * (stops % 3)));
            stopped = Run("pieces", text, files: FaultyFiles.Sound, stop: clock.Token, clock: clock).Stopped;
            stops.ShouldBeLessThan(500);
        }

        stops.ShouldBeGreaterThan(10);
        Same("whole", "pieces");
    }

    [Theory]
    [InlineData("{kind: gradient-flow, method: adaptive}, batch: {order: full}")]
    [InlineData("{kind: adaptive-sgd, refresh: 5}, batch: {size: 4, order: epochs}")]
    [InlineData(
        "{kind: adam, step-size: 0.01}, batch: {size: 4, order: epochs}, workers: {count: 5, aggregation: safeguard, byzantine: {count: 2, attack: delayed, delay: 3}}"
    )]
    public void Trainers_that_go_step_by_step_are_stopped_and_go_on_with_the_same_bytes(string training)
    {
        string text = Text("{kind: sgd, step-size: 0.1}", replicas: 20)
            .Replace(
                "{kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}",
                training,
                StringComparison.Ordinal
            );
        Run("whole", text).Stopped.ShouldBeFalse();
        int stops = 0;
        for (bool stopped = true; stopped; stops++)
        {
            using StopAfter files = new(writes: 1 + (stops % 3));
            stopped = Run("pieces", text, "cpu", files, checkpointEvery: TimeSpan.Zero, stop: files.Token).Stopped;
        }

        stops.ShouldBeGreaterThan(5);
        Same("whole", "pieces");
    }

    /// <summary>Twins keep the past gradients of delayed attackers: more of them the further they are trained.</summary>
    [Fact]
    public void What_a_quantity_keeps_may_grow_from_step_to_step()
    {
        string text = Text("{kind: sgd, step-size: 0.1}", replicas: 3)
            .Replace(
                "steps: 12",
                "workers: {count: 5, aggregation: mean, byzantine: {count: 2, attack: delayed, delay: 3}}, steps: 12",
                StringComparison.Ordinal
            );
        text =
            text[..text.IndexOf("observe:", StringComparison.Ordinal)]
            + "observe: [{quantity: stability-twins, at: [1, 2, 4, 5], twins: 2}]\n";
        Run("whole", text).Stopped.ShouldBeFalse();
        int stops = 0;
        for (bool stopped = true; stopped; stops++)
        {
            using StopAfter files = new(writes: 1 + (stops % 3));
            stopped = Run("pieces", text, "cpu", files, checkpointEvery: TimeSpan.Zero, stop: files.Token).Stopped;
        }

        stops.ShouldBeGreaterThan(3);
        Same("whole", "pieces");
    }

    /// <summary>A checkpoint of a stop that a long measurement does not hear is written on a timer's thread.</summary>
    [Fact]
    public void A_failure_of_the_disk_on_the_timers_thread_ends_the_run_at_its_next_pause()
    {
        Exception failure = FailureBesideAMeasurement(new IOException("No space left on device", 28));

        failure.ShouldBeOfType<HesseException>().Code.ShouldBe(ExitCode.InputOutput);
        failure.Message.ShouldContain("the disk is full");
    }

    [Fact]
    public void Any_other_failure_on_the_timers_thread_does_so_too()
    {
        NotSupportedException failure = new("of a test");

        FailureBesideAMeasurement(failure).ShouldBeSameAs(failure);
    }

    // What a run ends with when a checkpoint fails so while a long measurement is at work.
    private Exception FailureBesideAMeasurement(Exception ofTheDisk)
    {
        ManualClock clock = new();
        using CancellationTokenSource stop = new();
        FailingCheckpoint files = new(ofTheDisk);
        Exception? onTimer = null;
        Observer slow = new(
            "slow",
            [1],
            [],
            (replica, _, _, _) =>
            {
                if (replica == 0)
                {
                    stop.Cancel();
                    files.Fail = true;
                    onTimer = Record.Exception(() => clock.Advance(TimeSpan.FromSeconds(5)));
                    files.Fail = false;
                }
            }
        );

        Exception? failure = Record.Exception(() =>
            Experiment.Run(
                Parse(Text("{kind: sgd, step-size: 0.1}", replicas: 3)),
                Options("a") with
                {
                    Files = files,
                    Clock = clock,
                },
                [slow],
                stop: stop.Token
            )
        );

        onTimer.ShouldBeNull();
        files.Failures.ShouldBe(1);
        // What the disk took at the next pause is there to be continued.
        Newest(Root("a"), replicas: 3).ShouldNotBeNull().Record.Step.ShouldBe(1);
        return failure.ShouldNotBeNull();
    }

    /// <summary>
    /// A checkpoint that another thread writes while replicas are measured holds what their quantity kept before.
    /// </summary>
    [Fact]
    public void What_a_quantity_keeps_is_saved_as_it_was_before_the_measurement_in_work()
    {
        string text = Text("{kind: sgd, step-size: 0.1}", replicas: 40);
        text =
            text[..text.IndexOf("observe:", StringComparison.Ordinal)]
            + "observe: [{quantity: early-stopping, every: 1, window: 2, patience: 2}]\n";
        SettingPlan plan = Plan.Of(Parse(text), Options("a")).Settings[0];
        using CpuBackend backend = new(1);
        using IReplicas replicas = backend.CreateReplicas(plan.Problem, 0, 40);
        List<(MeasurementProgress Progress, byte[][] Kept)> seen = [];
        WaveObservation? observation = null;
        byte[][] Kept(MeasurementProgress progress) =>
            [.. Enumerable.Range(0, 40).Select(replica => observation!.Kept(0, replica, progress))];
        using WaveObservation measured = new(
            plan,
            [0],
            backend,
            replicas,
            [.. Enumerable.Repeat(-1L, 40)],
            new StageTimes(),
            () => seen.Add((observation!.Progress, Kept(observation.Progress)))
        );
        observation = measured;
        observation.Observe(last: false);
        observation.Advance(1);
        seen.Clear();

        observation.Observe(last: false);

        seen.Count.ShouldBe(3); // slices of 16
        byte[][] after = Kept(observation.Progress);
        for (int slice = 0; slice < 3; slice++)
        {
            byte[][] again = Kept(seen[slice].Progress);
            for (int replica = 16 * slice; replica < Math.Min(40, 16 * (slice + 1)); replica++)
            {
                again[replica].ShouldBe(seen[slice].Kept[replica]);
                again[replica].ShouldNotBe(after[replica]);
            }
        }
    }

    private static string Text(string optimizer, int replicas, string loss = "cross-entropy") =>
        $$"""
            version: 1
            name: small
            seed: 3
            replicas: {{replicas}}
            data: {kind: gauss, classes: 2, dimension: 3, samples: 8, mean-scale: 1.0}
            network: {hidden: [2, 2], activation: tanh}
            loss: {{loss}}
            training: {optimizer: {{optimizer}}, batch: {size: 4, order: epochs}, steps: 12}
            observe: [{quantity: loss, every: 2}, {quantity: hessian-spectrum, at: [1, 6]}, {quantity: parameters, at: [6, 12]}, {quantity: consecutive-gradient-cosine, at: [3, 6, 7]}]

            """.ReplaceLineEndings("\n");

    private string Root(string output) => Path.Combine(_folder.PathOf(output), "small");

    private static CheckpointFolder? Newest(string root, int replicas) =>
        new CheckpointStore(
            DiskFiles.Instance,
            new ResultPaths(root, Shard.Whole),
            new ReplicaRange(0, replicas)
        ).Newest([]);

    private Spec Parse(string text) =>
        SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "test.yaml", _folder.Root);

    private RunOptions Options(string output) => new() { Output = _folder.PathOf(output), Threads = 1 };

    private RunReport Run(
        string output,
        string text,
        string backend = "cpu",
        IFiles? files = null,
        TimeSpan? checkpointEvery = null,
        TimeProvider? clock = null,
        CancellationToken stop = default
    ) =>
        Experiment.Run(
            Parse(text),
            Options(output) with
            {
                Backend = backend,
                Files = files ?? DiskFiles.Instance,
                CheckpointEvery = checkpointEvery ?? RunOptions.DefaultCheckpointEvery,
                Clock = clock ?? TimeProvider.System,
            },
            stop: stop
        );

    private void Same(string expected, string actual, bool inside = false)
    {
        (expected, actual) = inside
            ? (_folder.PathOf(expected), _folder.PathOf(actual))
            : (Root(expected), Root(actual));
        foreach (string folder in new[] { "arrays", "chunks" })
        {
            SortedDictionary<string, byte[]> whole = SmallResult.Snapshot(Path.Combine(expected, folder));
            SortedDictionary<string, byte[]> pieces = SmallResult.Snapshot(Path.Combine(actual, folder));
            pieces.Keys.ShouldBe(whole.Keys);
            foreach (string name in whole.Keys)
            {
                pieces[name].AsSpan().SequenceEqual(whole[name]).ShouldBeTrue(name);
            }
        }
    }

    /// <summary>A disk that asks for a stop when so many checkpoints are published.</summary>
    private sealed class StopAfter(int writes) : DelegatingFiles(FaultyFiles.Sound), IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private int _written;

        public CancellationToken Token => _stop.Token;

        public void Dispose() => _stop.Dispose();

        public override void MoveFolder(string from, string to)
        {
            base.MoveFolder(from, to);
            // Those of several settings come on several threads.
            if (Path.GetFileName(from) == "checkpoint" && Interlocked.Increment(ref _written) == writes)
            {
                _stop.Cancel();
            }
        }
    }

    /// <summary>A clock that asks for a stop when it has been looked at so often, which is once a pause.</summary>
    private sealed class StopAtPause(int pauses) : TimeProvider, IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private int _looks;

        public CancellationToken Token => _stop.Token;

        public void Dispose() => _stop.Dispose();

        public override long GetTimestamp()
        {
            if (++_looks == pauses)
            {
                _stop.Cancel();
            }

            return base.GetTimestamp();
        }
    }

    /// <summary>A disk on which no file of a checkpoint can be made for a while.</summary>
    private sealed class FailingCheckpoint(Exception failure) : DelegatingFiles(FaultyFiles.Sound)
    {
        public bool Fail { get; set; }

        public int Failures { get; private set; }

        public override Stream Create(string path)
        {
            if (Fail && path.Contains("checkpoint", StringComparison.Ordinal))
            {
                Failures++;
                throw failure;
            }

            return base.Create(path);
        }
    }

    private sealed class First : IProgress<RunProgress>
    {
        public double? Done { get; private set; }

        public void Report(RunProgress value) => Done ??= value.Done > 0 ? value.Done : null;
    }
}
