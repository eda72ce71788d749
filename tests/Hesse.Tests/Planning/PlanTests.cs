using System.Text;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cuda;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Tests.Planning;

/// <summary>Waves of settings that follow each other, and the memory that a wave is counted to take.</summary>
public sealed class PlanTests
{
    private const int Parameters = 1150;

    // A matrix with the vector of the one eigenvalue that is asked for.
    private const long MatrixBytes = 8L * Parameters * (Parameters + 1);

    // By Lanczos' method for one pair: 42 vectors of the basis, image, scaled direction, what the device has and gives, the pair twice
    // with 4 numbers before each vector, and seven matrices of order 42.
    private const long KrylovBytes = 8L * ((42 + 4 + 2) * Parameters + (2 * 4) + (7 * 42 * 42));

    // One layer of 114 inputs and 10 classes: (114 + 1) 10 parameters.
    private const string Text = """
        version: 1
        name: plan
        replicas: 512
        data: {kind: gauss, classes: 10, dimension: 114, samples: 20}
        network: {hidden: []}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 2}
        observe: [{quantity: top-eigenvalues, method: exact, at: [2]}]
        """;

    [Theory]
    [InlineData("{training.steps: [2, 3], training.optimizer.step-size: [0.1, 0.2, 0.3]}", 6)]
    [InlineData("{training.optimizer.step-size: [0.1, 0.2, 0.3], training.steps: [2, 3]}", 2)]
    public void Settings_of_a_wave_are_those_around_one_that_share_waves_with_it(string sweep, int wave)
    {
        using CpuBackend cpu = new(1);
        string text = Text.Replace("replicas: 512", "replicas: 2", StringComparison.Ordinal)
            .Replace("at: [2]", "at: [0]", StringComparison.Ordinal);
        Plan plan = Of($"{text}\nsweep: {sweep}\n", "cpu");
        for (int i = 0; i < plan.Settings.Count; i++)
        {
            SettingPlan setting = plan.Settings[i];
            int before = plan.Settings.Take(i).Reverse().TakeWhile(setting.SharesWavesWith).Count();
            int after = plan.Settings.Skip(i).TakeWhile(setting.SharesWavesWith).Count();
            setting.Index.ShouldBe(i);
            plan.WaveOf(setting, cpu).ShouldBe((before + after) * plan.Replicas);
            plan.WaveOf(setting, cpu).ShouldBe(wave);
        }
    }

    [Fact]
    public void A_wave_is_planned_with_no_more_settings_than_have_their_folders_open_together()
    {
        using CpuBackend cpu = new(1);
        string text = Text.Replace("replicas: 512", "replicas: 1", StringComparison.Ordinal);
        string sizes = string.Join(", ", Enumerable.Range(1, 1100).Select(i => $"{i}e-4"));

        Plan plan = Of($"{text}\nsweep: {{training.optimizer.step-size: [{sizes}]}}\n", "cpu");

        plan.WaveOf(plan.Settings[0], cpu).ShouldBe(1024);
    }

    [Fact]
    public void Matrices_that_come_from_a_device_count_up_to_a_gigabyte()
    {
        MemoryBudget cpu = Of(Text, "cpu").Settings[0].Memory;
        MemoryBudget cuda = Of(Text, "cuda").Settings[0].Memory;
        foreach (int replicas in new[] { 1, 100 })
        {
            (cuda.BytesFor(replicas) - cpu.BytesFor(replicas)).ShouldBe(replicas * MatrixBytes);
        }

        // 101 matrices of 10.6 MB.
        (cuda.BytesFor(512) - cpu.BytesFor(512)).ShouldBe((1L << 30) / MatrixBytes * MatrixBytes);
    }

    [Fact]
    public void Bases_of_Lanczos_method_count_up_to_a_gigabyte()
    {
        string text = Text.Replace("exact", "lanczos", StringComparison.Ordinal);
        MemoryBudget cpu = Of(text, "cpu").Settings[0].Memory;
        MemoryBudget cuda = Of(text, "cuda").Settings[0].Memory;
        foreach (int replicas in new[] { 1, 512 })
        {
            (cuda.BytesFor(replicas) - cpu.BytesFor(replicas)).ShouldBe(replicas * KrylovBytes);
        }

        // 1993 bases of 539 KB, on each of two devices.
        HostSpace.Replicas(KrylovBytes / sizeof(double)).ShouldBe((int)((1L << 30) / KrylovBytes));
        MemoryBudget two = Of(text, "cuda", devices: [0, 1]).Settings[0].Memory;
        (two.BytesFor(10_000) - cpu.BytesFor(10_000)).ShouldBe(2 * ((1L << 30) / KrylovBytes) * KrylovBytes);
    }

    [Fact]
    public void Training_that_asks_for_sharpness_counts_the_same()
    {
        string text = Text.Replace("kind: sgd, step-size: 0.1", "kind: gradient-flow", StringComparison.Ordinal)
            .Replace("size: 4, order: epochs", "order: full", StringComparison.Ordinal)
            .Replace("quantity: top-eigenvalues, method: exact", "quantity: loss", StringComparison.Ordinal);
        MemoryBudget cpu = Of(text, "cpu").Settings[0].Memory;
        MemoryBudget cuda = Of(text, "cuda").Settings[0].Memory;
        (cuda.BytesFor(3) - cpu.BytesFor(3)).ShouldBe(3 * KrylovBytes);
    }

    [Theory]
    [InlineData("exact", 40)]
    [InlineData("exact", 200)]
    [InlineData("lanczos", 40)]
    public void A_wave_fits_under_the_limit_with_what_the_processor_holds_for_a_device(string method, int replicas)
    {
        string text = Text.Replace("exact", method, StringComparison.Ordinal);
        long limit = Of(text, "cuda").Settings[0].Memory.BytesFor(replicas);

        MemoryBudget budget = Of(text, "cuda", limit).Settings[0].Memory;

        budget.WaveSize.ShouldBe(replicas / 16 * 16);
        budget.BytesFor(budget.WaveSize).ShouldBeLessThanOrEqualTo(limit);
    }

    private static Plan Of(string text, string backend, long memory = 0, IReadOnlyList<int>? devices = null) =>
        Plan.Of(
            SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "plan.yaml", "."),
            new RunOptions
            {
                Backend = backend,
                Devices = devices,
                Threads = 1,
                Memory = memory,
            }
        );
}
