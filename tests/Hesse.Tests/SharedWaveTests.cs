using System.Text;
using System.Text.Json.Nodes;
using Hesse.Backends.Cpu;
using Hesse.Observables;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Tests.Optimizers;
using Hesse.Tests.Stores;

namespace Hesse.Tests;

/// <summary>Chunks and settings that are trained in one wave: their files have the bytes of runs one by one.</summary>
[Trait("Category", "Numerical")]
public sealed class SharedWaveTests : IDisposable
{
    private const string Observe =
        "[{quantity: loss, every: 2}, {quantity: test-accuracy, at: [6]}, {quantity: hessian-spectrum, at: [1, 6]}, "
        + "{quantity: parameters, at: [6]}, {quantity: loss-increment, at: [1, 5]}, {quantity: early-stopping, window: 2, every: 1}, "
        + "{quantity: stability-twins, at: [6]}, {quantity: sharpness, warm-start: true, every: 3}]";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Rules => [.. EveryRule.ByName.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Settings_of_a_sweep_in_one_wave_have_the_bytes_of_settings_alone(string rule)
    {
        string sweep = $"sweep: {{training.optimizer: [{string.Join(", ", Numbers(EveryRule.ByName[rule]))}]}}\n";
        string text = Text(replicas: 5, perReplica: rule == "momentum") + sweep;

        FirstWave(text).Sum(part => part.Range.Count).ShouldBe(15);
        SameAsAlone(text);
    }

    [Theory]
    [InlineData("{kind: adaptive-sgd, step-size: 0.5}", "step-size: [0.5, 0.25]")]
    [InlineData("{kind: preconditioned-sgd, step-size: 0.01, from: hessian-diagonal}", "step-size: [0.01, 0.02]")]
    [InlineData("{kind: sgd-partial-hessian, step-size: 0.01, momentum: 0.5, beta: 0.9}", "beta: [0.9, 0.5]")]
    public void Rules_that_are_made_step_by_step_too(string optimizer, string sweep)
    {
        string text = Text(replicas: 3, optimizer) + $"sweep: {{training.optimizer.{sweep}}}\n";
        FirstWave(text).Count.ShouldBe(2);
        SameAsAlone(text);
    }

    [Fact]
    public void Quantities_that_read_the_rule_read_that_of_their_setting() =>
        SameAsAlone(
            Text(
                replicas: 3,
                "{kind: adam, step-size: 0.01}",
                observe: "[{quantity: preconditioned-sharpness, every: 3}]"
            ) + "sweep: {training.optimizer.beta2: [0.999, 0.5], training.optimizer.beta1: [0.9, 0.1]}\n"
        );

    [Fact]
    public void Chunks_of_one_setting_share_a_wave_and_are_committed_one_by_one()
    {
        string text = Text(
            replicas: 600,
            observe: "[{quantity: loss, at: [0, 6]}, {quantity: information-bound, at: [6]}]"
        );

        FirstWave(text).Select(part => part.Range.Count).ShouldBe([256, 256, 88]);
        Experiment.Run(Parse(text), Options("whole"));
        long memory = MemoryOfAPart(text);
        FirstWave(text, memory).Single().Range.Count.ShouldBeLessThan(256);
        Experiment.Run(Parse(text), Options("pieces") with { Memory = memory });

        Same("whole/small", "pieces/small");
        Directory.GetDirectories(_folder.PathOf("whole/small/chunks")).Length.ShouldBe(3);
    }

    /// <summary>Whole settings, and whole chunks of the next one, as a limit of memory allows; the plan names the same number.</summary>
    [Theory]
    [InlineData(255 + 16, 256)]
    [InlineData(555, 300)]
    [InlineData(556, 556)]
    [InlineData(855, 600)]
    [InlineData(2000, 900)]
    public void A_wave_takes_whole_chunks_of_the_settings_that_follow_each_other(int room, int wave)
    {
        string text = Text(replicas: 300) + "sweep: {training.optimizer.step-size: [0.1, 0.2, 0.3]}\n";
        long memory = Plan.Of(Parse(text), Options("none")).Settings[0].Memory.BytesFor(room);

        FirstWave(text, memory).Sum(part => part.Range.Count).ShouldBe(wave);
    }

    [Fact]
    public void A_stop_at_the_end_of_a_part_of_a_chunk_keeps_that_part()
    {
        string text = Text(replicas: 100, observe: "[{quantity: loss, at: [0, 6]}]");
        int last = 0;
        using CancellationTokenSource stop = new();
        int[] measured = new int[100];
        Observer[] observers =
        [
            new(
                "own",
                [6],
                [],
                (replica, _, _, values) =>
                {
                    measured[replica]++;
                    values[0] = replica;
                    if (replica == last)
                    {
                        stop.Cancel();
                    }
                }
            ),
        ];

        RunOptions options = Options("stopped") with { Memory = MemoryOfAPart(text, observers) };
        last = FirstWave(text, options.Memory, observers).Single().Range.Count - 1;
        Experiment.Run(Parse(text), options, observers, stop: stop.Token).Done.ShouldBe(0);
        measured.Sum().ShouldBe(last + 1);
        Experiment.Run(Parse(text), options, observers).Done.ShouldBe(100);

        measured.ShouldAllBe(times => times == 1);
        Experiment.Run(Parse(text), Options("whole"), observers);
        Same("whole/small", "stopped/small");
    }

    [Fact]
    public void A_stop_opens_no_further_setting_and_counts_what_lies_there()
    {
        string text = Text(replicas: 3) + "sweep: {training.batch.size: [8, 4, 2]}\n";
        Experiment.Run(Parse(text), Options("out")).Done.ShouldBe(9);
        Directory.Delete(_folder.PathOf("out/small/batch.size-2"), recursive: true);
        foreach (string chunk in Directory.GetDirectories(_folder.PathOf("out/small/batch.size-8/chunks")))
        {
            Directory.Delete(chunk, recursive: true);
        }

        using CancellationTokenSource stop = new();
        stop.Cancel();
        RunReport report = Experiment.Run(Parse(text), Options("out"), stop: stop.Token);

        (report.Stopped, report.Done, report.Total, report.Computed).ShouldBe((true, 3, 9, 0));
        Directory.Exists(_folder.PathOf("out/small/batch.size-2")).ShouldBeFalse();
        Experiment.Run(Parse(text), Options("out")).Done.ShouldBe(9);
        RunReport complete = Experiment.Run(Parse(text), Options("out"), stop: stop.Token);
        (complete.Stopped, complete.Done).ShouldBe((false, 9));
    }

    [Fact]
    public void A_setting_that_cannot_be_opened_does_not_stand_in_the_way_of_those_before_it()
    {
        Spec spec = Parse(Text(replicas: 3) + "sweep: {training.optimizer.step-size: [0.1, 0.2, 0.3]}\n");
        string[] slugs = [.. SweepExpansion.Expand(spec).Select(setting => setting.Slug)];
        Directory.CreateDirectory(_folder.PathOf("swept/small"));
        File.WriteAllText(_folder.PathOf($"swept/small/{slugs[1]}"), "in the way");

        Should.Throw<HesseException>(() => Experiment.Run(spec, Options("swept"))).Message.ShouldContain(slugs[1]);

        Directory.GetDirectories(_folder.PathOf($"swept/small/{slugs[0]}/chunks")).Length.ShouldBe(1);
        Directory.Exists(_folder.PathOf($"swept/small/{slugs[0]}/arrays")).ShouldBeTrue();
    }

    [Fact]
    public void A_divergence_map_is_one_wave()
    {
        string text = """
            version: 1
            name: map
            replicas: 2
            data: {kind: decoupled, scales: [1, 0.5], samples: 50}
            network: {hidden: [], bias: false}
            loss: half-squared-error
            training: {optimizer: {kind: nesterov, step-size: 0.1, momentum: 0.9}, batch: {size: 1, order: with-replacement}, steps: 20}
            observe: [{quantity: loss, at: [20]}]
            sweep:
              training.optimizer.step-size: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
              training.optimizer.momentum: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]

            """;
        FirstWave(text).Count.ShouldBe(64);
        SameAsAlone(text);
    }

    [Theory]
    [InlineData("training.batch.size: [4, 2]")]
    [InlineData("data.mean-scale: [1, 2]")]
    [InlineData("network.activation: [tanh, sine]")]
    [InlineData("training.optimizer: [{kind: sgd, step-size: 0.1}, {kind: sign-sgd, step-size: 0.01}]")]
    public void Settings_that_differ_in_more_share_no_wave(string axis)
    {
        string text = Text(replicas: 3) + $"sweep: {{{axis}}}\n";
        FirstWave(text).Count.ShouldBe(1);
        SameAsAlone(text);
    }

    // Three sets of numbers, the last with a step size that leads out of the numbers in some replicas.
    private static IEnumerable<string> Numbers(OptimizerSpec rule)
    {
        JsonObject written = OptimizerKinds.All.Write(rule)!.AsObject();
        yield return written.ToJsonString();
        written["step-size"] = 0.03;
        yield return written.ToJsonString();
        written["step-size"] = 1e4;
        yield return written.ToJsonString();
    }

    private static string Text(
        int replicas,
        string optimizer = "{kind: sgd, step-size: 0.1}",
        bool perReplica = false,
        string observe = Observe
    ) =>
        $$"""
            version: 1
            name: small
            seed: 3
            replicas: {{replicas}}
            data: {kind: gauss, classes: 2, dimension: 3, samples: 8, test-samples: 4, mean-scale: 1.0, per-replica: {{(
                perReplica ? "true" : "false"
            )}}}
            network: {hidden: [2, 2], activation: tanh}
            loss: mse
            training: {optimizer: {{optimizer}}, batch: {size: 4, order: epochs}, steps: 6}
            observe: {{observe}}

            """.ReplaceLineEndings(
            "\n"
        );

    private void SameAsAlone(string text)
    {
        Spec spec = Parse(text);
        Experiment.Run(spec, Options("together"));
        foreach (SweepSetting setting in SweepExpansion.Expand(spec))
        {
            Experiment.Run(setting.Spec, Options($"alone-{setting.Slug}"));
            Same($"together/{spec.Name}/{setting.Slug}", $"alone-{setting.Slug}/{spec.Name}");
        }
    }

    private void Same(string expected, string actual)
    {
        foreach (string folder in new[] { "chunks", "arrays" })
        {
            SortedDictionary<string, byte[]> one = SmallResult.Snapshot(_folder.PathOf($"{expected}/{folder}"));
            SortedDictionary<string, byte[]> other = SmallResult.Snapshot(_folder.PathOf($"{actual}/{folder}"));
            other.Keys.ShouldBe(one.Keys);
            foreach (string name in one.Keys)
            {
                other[name].AsSpan().SequenceEqual(one[name]).ShouldBeTrue($"{actual}/{folder}/{name}");
            }
        }
    }

    private IReadOnlyList<WavePart> FirstWave(string text, long memory = 0, Observer[]? observers = null)
    {
        RunOptions options = Options($"planned-{memory}") with { Memory = memory, Observers = observers ?? [] };
        using CpuBackend cpu = new(options.ThreadCount);
        Plan plan = Plan.Of(Parse(text), options);
        using WaveQueue queue = new(plan, new RunState(plan, options, cpu, progress: null, CancellationToken.None));
        IReadOnlyList<WavePart> first = queue.Waves().First();
        first.Sum(part => part.Range.Count).ShouldBe(plan.WaveOf(plan.Settings[0], cpu));
        return first;
    }

    // As much memory as a part of a chunk needs.
    private long MemoryOfAPart(string text, Observer[]? observers = null)
    {
        long memory = 1 << 14;
        while (!Fits(text, memory, observers ?? []))
        {
            memory += 1 << 14;
        }

        return memory;
    }

    private bool Fits(string text, long memory, Observer[] observers)
    {
        try
        {
            return Plan.Of(Parse(text), Options("none") with { Memory = memory, Observers = observers })
                    .Settings[0]
                    .Memory.WaveSize >= 16;
        }
        catch (HesseException failure) when (failure.Code == ExitCode.DoesNotFit)
        {
            return false;
        }
    }

    private Spec Parse(string text) =>
        SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "test.yaml", _folder.Root);

    private RunOptions Options(string output) =>
        new()
        {
            Output = _folder.PathOf(output),
            Threads = 2,
            Backend = "cpu",
        };
}
