using System.Text;
using Hesse.Backends;
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
            stopped = Run("pieces", text, backend, files, checkpointEvery: TimeSpan.Zero, files.Token).Stopped;
            stops += stopped ? 1 : 0;
            stops.ShouldBeLessThan(500);
        }

        stops.ShouldBeGreaterThan(5);
        Same("whole", "pieces");
        Directory.Exists(Path.Combine(Root("pieces"), "checkpoint")).ShouldBeFalse();
    }

    [Fact]
    public void A_diverged_replica_stays_diverged_and_its_values_not_numbers_across_a_checkpoint()
    {
        string text = Text("{kind: sgd, step-size: 200}", replicas: 20, loss: "mse");
        Run("whole", text);
        for (bool stopped = true; stopped; )
        {
            using StopAfter files = new(writes: 2);
            stopped = Run("pieces", text, "cpu", files, checkpointEvery: TimeSpan.Zero, files.Token).Stopped;
        }

        File.ReadAllText(Path.Combine(Root("whole"), "replicas.csv")).ShouldContain(",1,");
        Same("whole", "pieces");
    }

    [Fact]
    public void A_resumed_run_goes_on_from_the_step_of_the_checkpoint()
    {
        string text = Text("{kind: sgd, step-size: 0.1}", replicas: 3);
        using StopAfter files = new(writes: 8);
        Run("a", text, "cpu", files, TimeSpan.Zero, files.Token).Stopped.ShouldBeTrue();
        CheckpointFolder saved = new CheckpointStore(
            DiskFiles.Instance,
            new ResultPaths(Root("a"), Shard.Whole)
        ).Newest([])!;
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
        Run("pieces", text, "cpu", files, TimeSpan.Zero, files.Token).Stopped.ShouldBeTrue();

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

    [Fact]
    public void A_trainer_that_cannot_save_its_state_says_so_and_runs_without_checkpoints()
    {
        IReplicas replicas = new NoState();
        Should
            .Throw<NotSupportedException>(() => replicas.SaveState(0, []))
            .Message.ShouldContain("NoState cannot save");
        Should
            .Throw<NotSupportedException>(() => replicas.LoadState(0, 0, []))
            .Message.ShouldContain("NoState cannot load");
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

    private Spec Parse(string text) =>
        SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "test.yaml", _folder.Root);

    private RunOptions Options(string output) => new() { Output = _folder.PathOf(output), Threads = 1 };

    private RunReport Run(
        string output,
        string text,
        string backend = "cpu",
        IFiles? files = null,
        TimeSpan? checkpointEvery = null,
        CancellationToken stop = default
    ) =>
        Experiment.Run(
            Parse(text),
            Options(output) with
            {
                Backend = backend,
                Files = files ?? DiskFiles.Instance,
                CheckpointEvery = checkpointEvery ?? RunOptions.DefaultCheckpointEvery,
            },
            stop: stop
        );

    private void Same(string expected, string actual)
    {
        foreach (string folder in new[] { "arrays", "chunks" })
        {
            SortedDictionary<string, byte[]> whole = SmallResult.Snapshot(Path.Combine(Root(expected), folder));
            SortedDictionary<string, byte[]> pieces = SmallResult.Snapshot(Path.Combine(Root(actual), folder));
            pieces.Keys.ShouldBe(whole.Keys);
            foreach (string name in whole.Keys)
            {
                pieces[name].AsSpan().SequenceEqual(whole[name]).ShouldBeTrue(name);
            }
        }
    }

    /// <summary>A disk that asks for a stop when so many checkpoints are published.</summary>
    private sealed class StopAfter(int writes) : DelegatingFiles(DiskFiles.Instance), IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private int _written;

        public CancellationToken Token => _stop.Token;

        public void Dispose() => _stop.Dispose();

        public override void MoveFolder(string from, string to)
        {
            base.MoveFolder(from, to);
            if (Path.GetFileName(from) == "checkpoint" && ++_written == writes)
            {
                _stop.Cancel();
            }
        }
    }

    private sealed class First : IProgress<RunProgress>
    {
        public double? Done { get; private set; }

        public void Report(RunProgress value) => Done ??= value.Done > 0 ? value.Done : null;
    }

    private sealed class NoState : IReplicas
    {
        public int First => 0;

        public int Count => 0;

        public int StateCount => 0;

        public void CopyState(Span<double> state) => throw new NotSupportedException();

        public int Step => 0;

        public void Advance(int steps) => throw new NotSupportedException();

        public void CopyParameters(Span<double> parameters) => throw new NotSupportedException();

        public void LossAndAccuracy(Hesse.Data.DataSet data, Span<double> loss, Span<double> accuracy) =>
            throw new NotSupportedException();

        public void Dispose() { }
    }
}
