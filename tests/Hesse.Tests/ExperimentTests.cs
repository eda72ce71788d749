using System.Text;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;
using Shouldly;
using Xunit;

namespace Hesse.Tests;

[Trait("Category", "Numerical")]
public sealed class ExperimentTests : IDisposable
{
    private const string Observe =
        "[{quantity: loss, every: 2}, {quantity: hessian-spectrum, at: [1, 6]}, {quantity: parameters, at: [6]}]";

    // 3-2-2-2 with biases.
    private const int Parameters = (2 * 4) + (2 * 3) + (2 * 3);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Arrays_have_the_shapes_of_replicas_times_and_values()
    {
        RunReport report = Run("a", Text());

        report.Stopped.ShouldBeFalse();
        report.Done.ShouldBe(20);
        double[] spectrum = Read("a", "hessian-spectrum", out NpyHeader header);
        header.Shape.ShouldBe([20, 2, Parameters]);
        spectrum.ShouldAllBe(value => double.IsFinite(value));
        Read("a", "loss", out header);
        header.Shape.ShouldBe([20, 4]);
        Read("a", "parameters", out header);
        header.Type.ShouldBe(NpyType.Float32);
        header.Shape.ShouldBe([20, 1, Parameters]);
        Read("a", "loss.steps", out _).ShouldBe([0, 2, 4, 6]);
    }

    // preconditioned-sharpness needs a rule with a second moment, information-bound plain sgd; residual-spectrum cross-entropy.
    [Theory]
    [InlineData("sgd, step-size: 0.1", "preconditioned-sharpness")]
    [InlineData("rmsprop, step-size: 0.01", "information-bound")]
    public void Every_quantity_can_be_observed_at_every_step_of_a_small_net(string optimizer, string refused)
    {
        string[] names =
        [
            .. Hesse
                .Observables.QuantityCatalogue.All.Select(quantity => quantity.Name)
                .Where(name => name != refused && name != "residual-spectrum"),
        ];
        string all = string.Join(", ", names.Select(name => $"{{quantity: {name}, at: [0, 6]}}"));
        string text = Text($"[{all}]", replicas: 3)
            .Replace("sgd, step-size: 0.1", optimizer)
            .Replace("quantity: early-stopping,", "quantity: early-stopping, window: 2,");
        Run("a", text);

        foreach (string name in names)
        {
            string[] files =
            [
                .. Directory
                    .GetFiles(Path.Combine(Folder("a"), "arrays"), name + ".*")
                    .Select(path => Path.GetFileNameWithoutExtension(path))
                    .Where(file => !file.EndsWith(".steps", StringComparison.Ordinal)),
            ];
            files.ShouldNotBeEmpty(name);
            foreach (string file in files)
            {
                double[] values = Read("a", file, out NpyHeader header);
                header.Shape[0].ShouldBe(3);
                header.Shape[1].ShouldBe(2);
                values
                    .Where((_, i) => !LooksBeyondTheEnds(file, i / (values.Length / 6) % 2))
                    .ShouldAllBe(value => double.IsFinite(value), file);
            }
        }

        Read("a", "distance-from-initialization", out _)[0].ShouldBe(0);
        string withRefused = text.Replace("quantity: trace,", $"quantity: {refused},");
        Should.Throw<HesseException>(() => Run("b", withRefused)).Code.ShouldBe(ExitCode.BadData);
    }

    // Step 0 has no step before it, the last step none after it.
    private static bool LooksBeyondTheEnds(string file, int time) =>
        file switch
        {
            "consecutive-gradient-cosine" or "early-stopping" or "early-stopping.gap" => time == 0,
            { } increment when increment.StartsWith("loss-increment.", StringComparison.Ordinal) => time == 1,
            // The sum over the path is that of sgd.
            "stability-twins.loss-sum" or "stability-twins.bound-over-smoothness" => true,
            // NaN beside any rule but the central flow.
            "oscillation-variance" or "oscillation-variance.averaged-loss" => true,
            "preconditioned-sharpness" => time == 0,
            { } about when about.StartsWith("preconditioned-sharpness.", StringComparison.Ordinal) => time == 0,
            _ => false,
        };

    [Fact]
    public void The_same_run_again_does_nothing_and_force_computes_everything()
    {
        Run("a", Text());
        SortedDictionary<string, byte[]> before = Hesse.Tests.Stores.SmallResult.Snapshot(Folder("a"));

        Run("a", Text()).Computed.ShouldBe(0);

        Same(before, Hesse.Tests.Stores.SmallResult.Snapshot(Folder("a")));
        RunReport again = Run("a", Text(), options => options with { Force = true });
        (again.Computed, again.Done).ShouldBe((20, 20));
        RunReport fresh = Run("b", Text(), options => options with { Force = true });
        (fresh.Computed, fresh.Done).ShouldBe((20, 20));
        Results.Verify(Folder("a")).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void F30_threads_waves_shards_and_resumption_do_not_change_a_bit()
    {
        string text = Text(
            "[{quantity: loss, every: 2}, {quantity: trace, at: [6]}, "
                + "{quantity: spectral-density, probes: 2, iterations: 3, at: [6]}]",
            replicas: 530
        );
        Run("whole", text);
        List<string> others = ["shards", "stopped", "threads", "sixteen"];
        MemoryBudget budget = Plan.Of(Parse(text), new RunOptions { Threads = 1 }).Settings[0].Memory;
        foreach (int wave in new[] { 1, 7, 64 })
        {
            Run($"waves-{wave}", text, options => options with { Threads = 1, Memory = budget.BytesFor(wave) });
            others.Add($"waves-{wave}");
        }

        Run("threads", text, options => options with { Threads = 64 });
        for (int shard = 0; shard < 16; shard++)
        {
            Run("sixteen", text, options => options with { Shard = new Shard(shard, 16) });
        }

        Results.Merge(Folder("sixteen"), threads: 1).ShouldBeTrue();
        RunReport first = Run("shards", text, options => options with { Shard = new Shard(1, 2) });
        first.Done.ShouldBe(256);
        Run("shards", text, options => options with { Shard = new Shard(0, 2) });
        Directory.Exists(Path.Combine(Folder("shards"), "arrays")).ShouldBeFalse();
        Results.Merge(Folder("shards"), threads: 1).ShouldBeTrue();
        RunUntilStopped("stopped", text, replicas: 300);
        Run("stopped", text);

        foreach (string other in others)
        {
            SameArrays("whole", other);
        }
    }

    [Fact]
    public void More_replicas_and_one_more_observation_equal_a_run_at_once()
    {
        Run("grown", Text("[{quantity: loss, every: 2}]", replicas: 10));
        Run("grown", Text("[{quantity: loss, every: 2}]", replicas: 270));
        byte[] kept = File.ReadAllBytes(Path.Combine(Folder("grown"), "chunks", "seeds-00000000-00000009", "loss.npy"));
        Run("grown", Text(Observe, replicas: 270));
        Run("at-once", Text(Observe, replicas: 270));

        SameArrays("at-once", "grown");
        File.ReadAllBytes(Path.Combine(Folder("grown"), "chunks", "seeds-00000000-00000009", "loss.npy"))
            .AsSpan()
            .SequenceEqual(kept)
            .ShouldBeTrue();
    }

    [Fact]
    public void F23_a_diverging_replica_is_marked_and_harms_no_other()
    {
        const int replicas = 1024;
        const int bad = 5;
        float[] points = new float[replicas * Parameters];
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = (float)Math.Sin((double)i * i);
        }

        Initial("sound.npy", points);
        points.AsSpan(bad * Parameters, Parameters).Fill(1e30f);
        Initial("bad.npy", points);
        Run("sound", Text(initial: "sound.npy", replicas: replicas));

        RunReport report = Run("bad", Text(initial: "bad.npy", replicas: replicas));

        report.Diverged.ShouldBe(1);
        report.AllDiverged.ShouldBeEmpty();
        double[] expected = Read("sound", "hessian-spectrum", out _);
        double[] actual = Read("bad", "hessian-spectrum", out _);
        for (int i = 0; i < actual.Length; i++)
        {
            bool marked = i / (2 * Parameters) == bad;
            (marked ? double.IsNaN(actual[i]) : actual[i] == expected[i]).ShouldBeTrue($"element {i}");
        }

        string[] lines = File.ReadAllLines(Path.Combine(Folder("bad"), "replicas.csv"));
        lines[1 + bad].ShouldStartWith("5,1,0,nan");
        lines.Count(line => line.Split(',')[1] == "1").ShouldBe(1);
        File.ReadLines(Path.Combine(Folder("bad"), "summary.csv")).ElementAt(1).ShouldStartWith("loss,0,0,1023,1,");
    }

    [Fact]
    public void F24_all_replicas_may_diverge()
    {
        Initial("bad.npy", [.. Enumerable.Repeat(1e30f, 20 * Parameters)]);
        Run("bad", Text(initial: "bad.npy")).AllDiverged.Count.ShouldBe(1);
    }

    [Fact]
    public void Settings_of_a_sweep_have_folders_of_their_own()
    {
        RunReport report = Run("a", Text() + "sweep: {training.batch.size: [2, 4]}\n");
        report.Total.ShouldBe(40);
        report.Folders.Count.ShouldBe(2);
        Results.Find(_folder.PathOf("a")).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("steps: 6", "steps: 8", "{training.batch.size: [8]}", "training.steps is 6 there, 8 here")]
    [InlineData("", "", "{training.optimizer.step-size: [0.1, 0.2]}", "training.batch.size is 2 there, 4 here")]
    [InlineData(
        "activation: tanh",
        "activation: relu",
        "{training.batch.size: [1]}",
        "network.activation is \"tanh\" there"
    )]
    public void A_sweep_takes_more_values_but_shares_no_folder_with_another_sweep(
        string fixedKey,
        string changed,
        string sweep,
        string told
    )
    {
        Run("a", Text() + "sweep: {training.batch.size: [2, 4]}\n");
        Run("a", Text() + "sweep: {training.batch.size: [4, 3]}\n").Computed.ShouldBe(20);
        string other = fixedKey.Length == 0 ? Text() : Text().Replace(fixedKey, changed, StringComparison.Ordinal);
        HesseException failure = Should.Throw<HesseException>(() => Run("a", other + $"sweep: {sweep}\n"));
        failure.Code.ShouldBe(ExitCode.OutputBusy);
        failure.Message.ShouldContain(told);
        Directory.GetDirectories(Folder("a")).Length.ShouldBe(3);
    }

    [Fact]
    public void Another_experiment_in_the_folder_is_refused()
    {
        Run("a", Text());
        HesseException failure = Should.Throw<HesseException>(() => Run("a", Text().Replace("seed: 3", "seed: 4")));
        failure.Code.ShouldBe(ExitCode.OutputBusy);
    }

    [Fact]
    public void What_does_not_fit_in_memory_is_told_before_anything_is_written()
    {
        HesseException failure = Should.Throw<HesseException>(() =>
            Run("a", Text(), options => options with { Memory = 100 })
        );
        failure.Code.ShouldBe(ExitCode.DoesNotFit);
        Directory.Exists(_folder.PathOf("a")).ShouldBeFalse();
    }

    [Fact]
    public void Test_quantities_need_test_samples()
    {
        string text = Text("[{quantity: test-loss, at: [1]}]").Replace("test-samples: 5, ", "");
        Should.Throw<HesseException>(() => Run("a", text)).Code.ShouldBe(ExitCode.BadData);
    }

    [Theory]
    [InlineData("loss: cross-entropy\n", "needs classes")]
    [InlineData("loss: logistic\n", "2 columns")]
    [InlineData("loss: mse\nsweep: {loss: [mse, cross-entropy]}\n", "needs classes")]
    public void Targets_that_do_not_fit_the_loss_are_told_before_anything_is_written(string loss, string told)
    {
        string text = WithFloatingTargets().Replace("loss: mse\n", loss, StringComparison.Ordinal);

        HesseException failure = Should.Throw<HesseException>(() => Run("a", text));

        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain("targets.npy: data.targets:");
        failure.Message.ShouldContain(told);
        Directory.Exists(_folder.PathOf("a")).ShouldBeFalse();
        Should.Throw<HesseException>(() => RunEstimate.Of(Parse(text), new RunOptions())).Code.ShouldBe(failure.Code);
        Run("a", WithFloatingTargets()).Done.ShouldBe(20);
    }

    [Fact]
    public void Replicas_without_an_initial_point_are_told_before_anything_is_written()
    {
        Initial("points.npy", [.. Enumerable.Repeat(0.1f, 20 * Parameters)]);
        Run("a", Text(initial: "points.npy"));
        SortedDictionary<string, byte[]> before = Hesse.Tests.Stores.SmallResult.Snapshot(Folder("a"));

        HesseException failure = Should.Throw<HesseException>(() =>
            Run("a", Text(replicas: 30, initial: "points.npy"))
        );

        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain("points.npy: holds 20 initial points, replica 29 has none");
        Same(before, Hesse.Tests.Stores.SmallResult.Snapshot(Folder("a")));
    }

    [Fact]
    public void A_spectrum_too_large_for_any_memory_is_told_before_anything_is_written()
    {
        string text = Text().Replace("hidden: [2, 2]", "hidden: [20000]", StringComparison.Ordinal);

        HesseException failure = Should.Throw<HesseException>(() =>
            Run("a", text, options => options with { Memory = 9000L << 40 })
        );

        failure.Code.ShouldBe(ExitCode.DoesNotFit);
        failure.Message.ShouldContain("hessian-spectrum needs a matrix of 120002 x 120002");
        Directory.Exists(_folder.PathOf("a")).ShouldBeFalse();
    }

    [Fact]
    public void A_chunk_that_fails_leaves_nothing_behind()
    {
        Should.Throw<HesseException>(() => Run("a", Text(), progress: new FailAtFirstWave()));

        Directory.GetFileSystemEntries(Path.Combine(Folder("a"), "tmp")).ShouldBeEmpty();
        Directory.GetFileSystemEntries(Path.Combine(Folder("a"), "chunks")).ShouldBeEmpty();
        Run("a", Text()).Computed.ShouldBe(20);
    }

    private static void Same(SortedDictionary<string, byte[]> expected, SortedDictionary<string, byte[]> actual)
    {
        actual.Keys.ShouldBe(expected.Keys);
        foreach ((string name, byte[] bytes) in expected)
        {
            // Each start of a run leaves the record of its process.
            (name == "owner.json" || actual[name].AsSpan().SequenceEqual(bytes)).ShouldBeTrue(name);
        }
    }

    private static string Text(string observe = Observe, int replicas = 20, string? initial = null) =>
        $$"""
            version: 1
            name: small
            seed: 3
            replicas: {{replicas}}
            data: {kind: gauss, classes: 2, dimension: 3, samples: 8, test-samples: 5, mean-scale: 1.0}
            network: {hidden: [2, 2], activation: tanh{{(
                initial is null ? "" : $", initialization: npy, initial-parameters: {initial}"
            )}}}
            loss: mse
            training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 6}
            observe: {{observe}}

            """.ReplaceLineEndings(
            "\n"
        );

    private void Initial(string name, float[] points) =>
        NpyFile.Write<float>(_folder.PathOf(name), NpyType.Float32, [points.Length / Parameters, Parameters], points);

    /// <summary>The experiment with inputs (8,3) and targets (8,2) from files, 3-2-2-2 as before.</summary>
    private string WithFloatingTargets()
    {
        double[] inputs = [.. Enumerable.Range(0, 24).Select(i => Math.Sin(i))];
        double[] targets = [.. Enumerable.Range(0, 16).Select(i => Math.Cos(i))];
        NpyFile.Write<double>(_folder.PathOf("inputs.npy"), NpyType.Float64, [8, 3], inputs);
        NpyFile.Write<double>(_folder.PathOf("targets.npy"), NpyType.Float64, [8, 2], targets);
        return string.Join(
            '\n',
            Text()
                .Split('\n')
                .Select(line =>
                    line.StartsWith("data:", StringComparison.Ordinal)
                        ? "data: {kind: npy, inputs: inputs.npy, targets: targets.npy}"
                        : line
                )
        );
    }

    private Spec Parse(string text) =>
        SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "test.yaml", _folder.Root);

    private string Folder(string name) => Path.Combine(_folder.PathOf(name), "small");

    private RunReport Run(
        string output,
        string text,
        Func<RunOptions, RunOptions>? change = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken stop = default
    )
    {
        RunOptions options = new() { Output = _folder.PathOf(output), Threads = 2 };
        return Experiment.Run(Parse(text), change?.Invoke(options) ?? options, observers: null, progress, stop);
    }

    private void RunUntilStopped(string output, string text, int replicas)
    {
        using CancellationTokenSource stop = new();
        StopAt progress = new(replicas, stop);
        // So little memory that chunks are computed one by one.
        long few = Plan.Of(Parse(text), new RunOptions { Threads = 2 }).Settings[0].Memory.BytesFor(64);
        RunReport report = Run(
            output,
            text,
            options => options with { Memory = few },
            progress: progress,
            stop: stop.Token
        );
        report.Stopped.ShouldBeTrue();
        report.Done.ShouldBe(256);
        Directory.GetFileSystemEntries(Path.Combine(Folder(output), "tmp")).ShouldBeEmpty();
    }

    private double[] Read(string output, string quantity, out NpyHeader header)
    {
        string path = Path.Combine(Folder(output), "arrays", quantity + ".npy");
        header = NpyFile.ReadHeader(path);
        return NpyFile.Read(path).ToDoubles();
    }

    private void SameArrays(string expected, string actual) =>
        Same(
            Hesse.Tests.Stores.SmallResult.Snapshot(Path.Combine(Folder(expected), "arrays")),
            Hesse.Tests.Stores.SmallResult.Snapshot(Path.Combine(Folder(actual), "arrays"))
        );

    private sealed class FailAtFirstWave : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Done > 0)
            {
                throw new HesseException(ExitCode.DeviceFailed, "the device failed");
            }
        }
    }

    private sealed class StopAt(int replicas, CancellationTokenSource stop) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Done >= replicas)
            {
                stop.Cancel();
            }
        }
    }
}
