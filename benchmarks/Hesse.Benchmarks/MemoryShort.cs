using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Benchmarks;

/// <summary>
/// The memory that `hesse plan` names against what a run takes: every experiment in a process of its own, whose peak of resident memory is
/// compared with what it held when it had run the same experiment at its smallest, so that runtime and compiled code are not counted. Linux.
/// </summary>
internal static class MemoryShort
{
    /// <summary>The word in front of the file of an experiment that makes this program run it and print its peak.</summary>
    public const string Child = "memory-of";

    private const double Megabyte = 1e6;

    private static readonly (string Name, string Text)[] s_experiments =
    [
        (
            "training in lanes",
            """
            version: 1
            name: lanes
            replicas: 8192
            data: {kind: gauss, classes: 10, dimension: 50, samples: 1000}
            network: {hidden: [30, 30]}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 50, order: epochs}, steps: 4}
            observe: [{quantity: loss, at: [4]}]
            """
        ),
        (
            "a net at a time, adam",
            """
            version: 1
            name: dense
            replicas: 48
            data: {kind: gauss, classes: 10, dimension: 784, samples: 500}
            network: {hidden: [256]}
            loss: cross-entropy
            training: {optimizer: {kind: adam, step-size: 0.001}, batch: {size: 50, order: epochs}, steps: 2}
            observe: [{quantity: loss, at: [2]}]
            """
        ),
        (
            "data of their own",
            """
            version: 1
            name: data
            replicas: 256
            data: {kind: gauss, classes: 2, dimension: 50, samples: 1000, per-replica: true}
            network: {hidden: [10]}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 50, order: epochs}, steps: 4}
            observe: [{quantity: loss, at: [4]}]
            """
        ),
        (
            "whole Hessians",
            """
            version: 1
            name: hessian
            replicas: 16
            data: {kind: gauss, classes: 10, dimension: 50, samples: 100}
            network: {hidden: [10, 30]}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 5, order: epochs}, steps: 2}
            observe: [{quantity: hessian, at: [2]}]
            """
        ),
        (
            "spectra",
            """
            version: 1
            name: spectra
            replicas: 8
            data: {kind: gauss, classes: 10, dimension: 50, samples: 100}
            network: {hidden: [30, 30]}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 5, order: epochs}, steps: 2}
            observe: [{quantity: hessian-spectrum, at: [2]}]
            """
        ),
        (
            "Lanczos",
            """
            version: 1
            name: lanczos
            replicas: 16
            data: {kind: gauss, classes: 10, dimension: 784, samples: 100}
            network: {hidden: [128]}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 50, order: epochs}, steps: 2}
            observe: [{quantity: top-eigenvalues, at: [2], method: lanczos}]
            """
        ),
    ];

    /// <summary>All experiments, or those that are named.</summary>
    public static void Run(IReadOnlyList<string> names)
    {
        Console.WriteLine("| experiment | planned, MB | taken, MB | planned / taken |");
        Console.WriteLine("| --- | --- | --- | --- |");
        string folder = Directory.CreateTempSubdirectory("hesse-memory-").FullName;
        try
        {
            foreach ((string name, string text) in s_experiments)
            {
                if (names.Count == 0 || names.Contains(name, StringComparer.Ordinal))
                {
                    string file = Path.Combine(folder, "experiment.yaml");
                    File.WriteAllText(file, text);
                    long planned = RunEstimate
                        .Of(SpecReader.Read(file, []), new RunOptions { Output = folder })
                        .MemoryBytes;
                    long taken = InChild(file);
                    Console.WriteLine(
                        $"| {name} | {planned / Megabyte:F1} | {taken / Megabyte:F1} | {(double)planned / taken:F2} |"
                    );
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs an experiment and prints by how many bytes resident memory grew at most.</summary>
    public static void PrintGrowth(string file)
    {
        string folder = Directory.CreateTempSubdirectory("hesse-memory-").FullName;
        try
        {
            Experiment.Run(
                SpecReader.Read(file, [SpecOverride.Replicas("1")]),
                new RunOptions { Output = Path.Combine(folder, "idle") }
            );
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
            // Makes the peak begin anew: proc(5).
            File.WriteAllText("/proc/self/clear_refs", "5");
            long idle = Status("VmRSS");
            Experiment.Run(SpecReader.Read(file, []), new RunOptions { Output = Path.Combine(folder, "run") });
            Console.WriteLine((Status("VmHWM") - idle).ToString(CultureInfo.InvariantCulture));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long InChild(string file)
    {
        ProcessStartInfo start = new("dotnet", [typeof(MemoryShort).Assembly.Location, Child, file])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(text, CultureInfo.InvariantCulture);
    }

    private static long Status(string name)
    {
        string line = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024
            * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
