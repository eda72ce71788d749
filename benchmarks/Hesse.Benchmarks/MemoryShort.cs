using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hesse.Backends.Cpu;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Benchmarks;

/// <summary>
/// The memory that `hesse plan` names against what a run takes, every experiment in a process of its own: the most that the run's arrays
/// hold at a time, which is what the plan counts; and by how much resident memory grows at most, where what the collector has not taken
/// back yet is counted too. Both are compared with what the process holds when it has run the same experiment with one replica, so that
/// the runtime and compiled code are not counted. Linux.
/// </summary>
internal static class MemoryShort
{
    /// <summary>The word in front of an experiment's name that makes this program run it and print what it took.</summary>
    public const string Child = "memory-of";

    private const double Megabyte = 1e6;

    private const string LossAtTheEnd = "{quantity: loss, at: [2]}";
    private const string Sgd = "optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 50, order: epochs}, steps: 2";

    // Between two looks at what is held.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private static readonly ShortExperiment[] s_experiments =
    [
        new("training in lanes", 8192, Gauss(10, 50, 1000), "hidden: [30, 30]", Sgd, LossAtTheEnd),
        new(
            "a net at a time, adam",
            48,
            Gauss(10, 784, 500),
            "hidden: [256]",
            "optimizer: {kind: adam, step-size: 0.001}, batch: {size: 50, order: epochs}, steps: 2",
            LossAtTheEnd
        ),
        new("data of their own", 256, Gauss(2, 50, 1000) + ", per-replica: true", "hidden: [10]", Sgd, LossAtTheEnd),
        new("whole Hessians", 16, Gauss(10, 50, 100), "hidden: [10, 30]", Sgd, "{quantity: hessian, at: [2]}"),
        new("spectra", 8, Gauss(10, 50, 100), "hidden: [30, 30]", Sgd, "{quantity: hessian-spectrum, at: [2]}"),
        new(
            "Lanczos",
            16,
            Gauss(10, 784, 100),
            "hidden: [128]",
            Sgd,
            "{quantity: top-eigenvalues, at: [2], method: lanczos, k: 8, tolerance: 1e-14}"
        ),
        new(
            "Lanczos in lanes",
            512,
            Gauss(4, 10, 100),
            "hidden: [10, 10]",
            Sgd,
            "{quantity: top-eigenvalues, at: [2], method: lanczos}"
        ),
        new(
            "spectral densities",
            16,
            Gauss(10, 784, 100),
            "hidden: [64]",
            Sgd,
            "{quantity: spectral-density, at: [2]}"
        ),
        new(
            "loss increments",
            64,
            Gauss(10, 50, 100),
            "hidden: [10, 30]",
            Sgd,
            "{quantity: loss-increment, at: [0, 1]}"
        ),
    ];

    /// <summary>All experiments, or those that are named.</summary>
    public static void Run(IReadOnlyList<string> names)
    {
        IEnumerable<ShortExperiment> chosen = ShortExperiment.Chosen(s_experiments, names);
        Console.WriteLine(
            "| experiment | planned, MB | held at most, MB | planned / held | resident, MB | planned / resident |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (ShortExperiment one in chosen)
        {
            double planned = ShortExperiment.InFolder(folder =>
                RunEstimate.Of(one.Spec, new RunOptions { Output = folder }).MemoryBytes
            );
            double[] taken = InChild(one.Name);
            Console.WriteLine(
                $"| {one.Name} | {planned / Megabyte:F1} | {taken[0] / Megabyte:F1} | {planned / taken[0]:F2} "
                    + $"| {taken[1] / Megabyte:F1} | {planned / taken[1]:F2} |"
            );
        }
    }

    /// <summary>Runs an experiment and prints by how many bytes what is held, and resident memory, grew at most.</summary>
    public static void PrintGrowth(string name)
    {
        Spec spec = ShortExperiment.Chosen(s_experiments, [name]).Single().Spec;
        Run(spec with { Replicas = 1 });
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        // Makes the peak begin anew: proc(5).
        File.WriteAllText("/proc/self/clear_refs", "5");
        long idle = Status("VmRSS");
        Run(spec);
        long resident = Status("VmHWM") - idle;
        long before = Held();
        long most = before;
        using (new Timer(_ => most = Math.Max(most, Held()), state: null, s_pause, s_pause))
        {
            Run(spec);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{most - before} {resident}"));
    }

    private static string Gauss(int classes, int dimension, int samples) =>
        $"classes: {classes}, dimension: {dimension}, samples: {samples}";

    private static void Run(Spec spec) =>
        ShortExperiment.InFolder(folder => Experiment.Run(spec, new RunOptions { Output = folder }));

    // Arrays that something still refers to, and native memory.
    private static long Held()
    {
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: false) + AlignedMemory.Held;
    }

    private static double[] InChild(string name)
    {
        ProcessStartInfo start = new("dotnet", [typeof(MemoryShort).Assembly.Location, Child, name])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. text.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    private static long Status(string name)
    {
        string line = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024
            * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
