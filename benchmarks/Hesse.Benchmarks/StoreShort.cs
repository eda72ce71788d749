using System.Diagnostics;
using System.Text;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Benchmarks;

/// <summary>The share of a run's time that the store takes: checksums, fsync and renames of the chunks, and the files it leaves.</summary>
internal static class StoreShort
{
    /// <summary>The main job's chunk (256 replicas of Gauss-10 with its spectra) and a sweep of 20 settings with little work in them; or one of both.</summary>
    public static void Run(IReadOnlyList<string> names)
    {
        ShortWords.Require(names, ["main", "sweep"]);
        string folder = Directory.CreateTempSubdirectory("hesse-store-").FullName;
        try
        {
            if (names.Count == 0 || names.Contains("main", StringComparer.Ordinal))
            {
                Spec main = SpecReader.Read("experiments/gauss-10.yaml", [SpecOverride.Replicas("256")]);
                Report("main job, one chunk", main, Path.Combine(folder, "main"));
            }

            if (names.Count == 0 || names.Contains("sweep", StringComparer.Ordinal))
            {
                Spec sweep = SpecReader.Parse(Encoding.UTF8.GetBytes(Sweep), SpecFormat.Yaml, "sweep.yaml", folder);
                Report("20 settings x 10,000 replicas, little work", sweep, Path.Combine(folder, "sweep"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private const string Sweep = """
        version: 1
        name: sweep
        replicas: 10000
        data: {kind: gauss, classes: 2, dimension: 2, samples: 8}
        network: {hidden: [2]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 20}
        observe: [{quantity: loss, every: 10}, {quantity: gradient-norm, at: [20]}, {quantity: trace, at: [20]}]
        sweep: {training.optimizer.step-size: [0.01, 0.02, 0.03, 0.04, 0.05], training.batch.size: [1, 2, 4, 8]}
        """;

    private static void Report(string name, Spec spec, string output)
    {
        RunReport report = Experiment.Run(spec, new RunOptions { Output = output });
        double all = report.Stages.Sum(stage => stage.Value);
        double writing = report
            .Stages.Where(stage => stage.Key is "writing" or "checkpoints")
            .Sum(stage => stage.Value);
        int files = Directory.GetFiles(output, "*", SearchOption.AllDirectories).Length;
        long start = Stopwatch.GetTimestamp();
        long done = report.Folders.Sum(folder => (long)Stores.Results.Status(folder).Done);
        double status = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(
            $"store {name, -44} {writing, 8:F3} s of {all, 8:F1} s, share {writing / all:P2}; {files} files; "
                + $"status of {done} replicas {status:F2} s"
        );
    }
}
