using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hesse.Benchmarks;

/// <summary>
/// What `hesse run` takes from the shell to its end where there is nothing to compute: builds of the program in turns, medians, by the
/// clock and in processor time (user and system, of all threads). Linux.
/// </summary>
internal static partial class StartupShort
{
    private const int Turns = 20;

    // Of getrusage(2): the times of children that have ended are the first four numbers, seconds and microseconds of user and system.
    private const int OfChildren = -1;
    private const int RusageNumbers = 18;

    private const string Spec = """
        version: 1
        name: tiny
        replicas: 8
        data: {kind: gauss, classes: 2, dimension: 5, samples: 20}
        network: {hidden: [5]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 5, order: epochs}, steps: 20}
        observe: [{quantity: loss, every: 10}]
        """;

    /// <summary>Measures.</summary>
    /// <param name="programs">Builds of the program: a hesse that runs by itself, or a hesse.dll.</param>
    public static void Run(IReadOnlyList<string> programs)
    {
        if (programs.Count == 0 || !programs.All(File.Exists))
        {
            throw new UnknownWordException("write where builds of the program are: files hesse or hesse.dll");
        }

        string folder = Directory.CreateTempSubdirectory("hesse-startup-").FullName;
        try
        {
            string spec = Path.Combine(folder, "tiny.yaml");
            File.WriteAllText(spec, Spec);
            double[][] clock = [.. programs.Select(_ => new double[Turns])];
            double[][] processor = [.. programs.Select(_ => new double[Turns])];
            // The turn before the first fills the disk's cache.
            for (int turn = -1; turn < Turns; turn++)
            {
                for (int program = 0; program < programs.Count; program++)
                {
                    string output = Path.Combine(folder, $"{turn}-{program}");
                    double used = ChildrenSeconds();
                    long start = Stopwatch.GetTimestamp();
                    Execute(programs[program], ["run", spec, "--out", output, "--quiet"]);
                    if (turn >= 0)
                    {
                        clock[program][turn] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                        processor[program][turn] = ChildrenSeconds() - used;
                    }
                }
            }

            Console.WriteLine("| program | by the clock, s | processor time, s | least processor time, s |");
            Console.WriteLine("| --- | --- | --- | --- |");
            for (int program = 0; program < programs.Count; program++)
            {
                Array.Sort(clock[program]);
                Array.Sort(processor[program]);
                Console.WriteLine(
                    $"| {programs[program]} | {clock[program][Turns / 2]:F3} | {processor[program][Turns / 2]:F3} | {processor[program][0]:F3} |"
                );
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Execute(string program, string[] words)
    {
        bool library = program.EndsWith(".dll", StringComparison.Ordinal);
        using Process process = Process.Start(
            library ? "dotnet" : program,
            library ? [Path.GetFullPath(program), .. words] : words
        );
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with exit code {process.ExitCode}");
        }
    }

    private static double ChildrenSeconds()
    {
        long[] usage = new long[RusageNumbers];
        return GetUsage(OfChildren, usage) == 0
            ? usage[0] + usage[2] + (1e-6 * (usage[1] + usage[3]))
            : throw new InvalidOperationException("getrusage failed");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, [Out] long[] usage);
}
