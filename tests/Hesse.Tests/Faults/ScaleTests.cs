using System.Diagnostics;
using System.Globalization;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Tests.Backends.Cuda;

namespace Hesse.Tests.Faults;

/// <summary>Very many waves, and very many files.</summary>
[Trait("Category", "Fault")]
public sealed class ScaleTests : IDisposable
{
    // Of what is reached after the first fifth. A tenth of the waves is over before the runtime has compiled everything.
    private const double Growth = 1.05;
    private const double GrowthOfFew = 1.25;

    // Timers and the like come and go.
    private const int Handles = 5;

    private const string Tiny = """
        version: 1
        name: tiny
        replicas: 400000
        data: {kind: gauss, classes: 2, dimension: 2, samples: 4}
        network: {hidden: [2]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 2, order: epochs}, steps: 2}
        observe: [{quantity: loss, every: 1}, {quantity: trace, at: [2]}]
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public void F44_memory_and_handles_stay_what_they_are_over_many_tiny_waves()
    {
        string spec = _folder.PathOf("spec.yaml");
        File.WriteAllText(spec, Tiny);
        SettingPlan plan = Plan.Of(SpecReader.Read(spec), new RunOptions { Threads = 1 }).Settings[0];
        int waves = Repetitions.Of(100_000);
        // A wave is one replica. The other shards, and with them the merge, are never computed.
        using Process process = HesseProcess.Start([
            "run",
            spec,
            "--out",
            _folder.PathOf("out"),
            "--threads",
            "1",
            "--quiet",
            "--memory",
            plan.Memory.BytesFor(1).ToString(CultureInfo.InvariantCulture),
            "--replicas",
            (2 * waves).ToString(CultureInfo.InvariantCulture),
            "--shard",
            "0/2",
        ]);
        List<(int Done, long Memory, int Handles)> seen = [];
        string chunks = Path.Combine(_folder.PathOf("out"), "tiny", "chunks");
        while (!process.WaitForExit(50))
        {
            int done = Directory.Exists(chunks) ? Directory.GetDirectories(chunks).Length : 0;
            if (TryLook(process, out long memory, out int handles))
            {
                seen.Add((done * ReplicaRange.BlockSize, memory, handles));
            }
        }

        HesseProcess.Finish(process).Code.ShouldBe(0);
        (int Done, long Memory, int Handles)[] warm = [.. seen.Where(look => look.Done >= waves / 5)];
        (int Done, long Memory, int Handles)[] first = [.. warm.Where(look => look.Done < waves / 2)];
        (int Done, long Memory, int Handles)[] second = [.. warm.Where(look => look.Done >= waves / 2)];
        first.Length.ShouldBeGreaterThan(0);
        second.Length.ShouldBeGreaterThan(0);
        double growth = (double)second.Max(look => look.Memory) / first.Max(look => look.Memory);
        growth.ShouldBeLessThan(waves == 100_000 ? Growth : GrowthOfFew);
        second.Max(look => look.Handles).ShouldBeLessThanOrEqualTo(first.Max(look => look.Handles) + Handles);
        Repetitions.Report("F44", "tiny waves in one process", waves);
        Repetitions.Report("F44", "memory of the second half, percent of the first", (long)Math.Round(100 * growth));
    }

    [Fact]
    public void F45_ten_thousand_replicas_of_twenty_settings_leave_fewer_than_fifty_thousand_files()
    {
        const int Settings = 20;
        const int Blocks = (10_000 + ReplicaRange.BlockSize - 1) / ReplicaRange.BlockSize;

        // What a small sweep leaves is what is counted beforehand.
        string spec = _folder.PathOf("spec.yaml");
        File.WriteAllText(spec, Tiny + "\nsweep: {training.optimizer.step-size: [0.1, 0.2]}\n");
        Spec small = SpecReader.Read(spec, [SpecOverride.Replicas("300")]);
        RunOptions options = new() { Output = _folder.PathOf("out"), Threads = 1 };
        Experiment.Run(small, options);
        Directory
            .GetFiles(options.Output, "*", SearchOption.AllDirectories)
            .Length.ShouldBe(2 * FilesOfSetting(Plan.Of(small, options).Settings[0], blocks: 2));

        foreach (string experiment in new[] { "gauss-10", "edge-of-stability" })
        {
            Spec published = SpecReader.Read(
                Path.Combine(CudaForTests.Repository, "experiments", experiment + ".yaml"),
                []
            );
            SettingPlan plan = Plan.Of(published, options).Settings[0];
            int files = Settings * FilesOfSetting(plan, Blocks);
            files.ShouldBeLessThan(50_000, experiment);
            Repetitions.Report("F45", $"files of {experiment} with 20 settings x 10,000 replicas", files);
        }
    }

    private static int FilesOfSetting(SettingPlan plan, int blocks)
    {
        int arrays = plan.Layouts.Sum(layout => layout.Arrays.Count);
        // The description and the steps of divergence in a chunk; time axes; spec, manifest, lock, log and two tables.
        return (blocks * (arrays + 2)) + arrays + plan.Layouts.Count + 6;
    }

    private static bool TryLook(Process process, out long memory, out int handles)
    {
        (memory, handles) = (0, 0);
        try
        {
            string line = File.ReadLines($"/proc/{process.Id}/status")
                .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            memory = long.Parse(
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                CultureInfo.InvariantCulture
            );
            handles = Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length;
            return true;
        }
        // It ends while it is looked at.
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            return false;
        }
    }
}

/// <summary>A test that looks at a process through /proc.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "there is no /proc";
}
