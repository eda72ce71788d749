using System.Diagnostics;
using System.Text;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Benchmarks;

/// <summary>
/// The planner's word against runs: nine plans and nine runs of the same experiment in turns, medians, as a Markdown table. What a
/// run takes is the sum of its stages; memory is the growth of the process's peak over what it holds before the first run.
/// </summary>
internal static class PlanShort
{
    private const int Runs = 9;

    private static readonly (string Name, string Text)[] s_experiments =
    [
        (
            "gauss-10",
            """
            version: 1
            name: gauss-10
            replicas: 32
            data: {kind: gauss, classes: 10, dimension: 50, samples: 100, test-samples: 1000}
            network: {hidden: [10, 30]}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.08}, batch: {size: 5, order: epochs}, steps: 400}
            observe: [{quantity: loss, every: 1}, {quantity: hessian-spectrum, at: [1, 399]}, {quantity: second-moment-spectrum, at: [1, 399]}]
            """
        ),
        (
            "edge-of-stability",
            """
            version: 1
            name: edge-of-stability
            replicas: 16
            data: {kind: gauss, classes: 3, dimension: 10, samples: 60}
            network: {hidden: [16, 16], activation: tanh}
            loss: mse
            training: {optimizer: {kind: sgd, step-size: 0.2}, batch: {order: full}, steps: 1000}
            observe: [{quantity: loss, every: 10}, {quantity: top-eigenvalues, every: 50}]
            """
        ),
        (
            "training",
            """
            version: 1
            name: training
            replicas: 2048
            data: {kind: gauss, classes: 10, dimension: 50, samples: 1000}
            network: {hidden: [30, 30]}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 50, order: epochs}, steps: 100}
            observe: [{quantity: loss, at: [100]}]
            """
        ),
    ];

    /// <summary>All experiments, or those that are named.</summary>
    public static void Run(IReadOnlyList<string> names)
    {
        Console.WriteLine("| experiment | stage | planned, s | median of nine runs, s | planned / run |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach ((string name, string text) in s_experiments)
        {
            if (names.Count == 0 || names.Contains(name, StringComparer.Ordinal))
            {
                Report(name, SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, $"{name}.yaml", "."));
            }
        }
    }

    private static void Report(string name, Spec spec)
    {
        List<IReadOnlyList<KeyValuePair<string, double>>> planned = [];
        List<IReadOnlyList<KeyValuePair<string, double>>> taken = [];
        long planBytes = 0;
        for (int run = 0; run < Runs; run++)
        {
            string output = Directory.CreateTempSubdirectory("hesse-plan-").FullName;
            try
            {
                RunOptions options = new() { Output = output };
                RunEstimate estimate = RunEstimate.Of(spec, options);
                planBytes = estimate.MemoryBytes;
                planned.Add(estimate.Stages);
                taken.Add(Experiment.Run(spec, options).Stages);
            }
            finally
            {
                Directory.Delete(output, recursive: true);
            }
        }

        foreach (string stage in taken[0].Concat(planned[0]).Select(one => one.Key).Distinct())
        {
            Row(name, stage, Median(planned, one => Of(one, stage)), Median(taken, one => Of(one, stage)));
        }

        Row(name, "all", Median(planned, Sum), Median(taken, Sum));
        Console.WriteLine(
            $"| {name} | memory | {planBytes / 1e6:F0} MB planned | {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:F0} MB peak of this process | |"
        );
    }

    private static void Row(string name, string stage, double planned, double taken) =>
        Console.WriteLine($"| {name} | {stage} | {planned:F3} | {taken:F3} | {planned / taken:F2} |");

    private static double Of(IReadOnlyList<KeyValuePair<string, double>> stages, string stage) =>
        stages.Where(one => one.Key == stage).Sum(one => one.Value);

    private static double Sum(IReadOnlyList<KeyValuePair<string, double>> stages) => stages.Sum(one => one.Value);

    private static double Median(
        List<IReadOnlyList<KeyValuePair<string, double>>> runs,
        Func<IReadOnlyList<KeyValuePair<string, double>>, double> value
    ) => runs.Select(value).Order().ElementAt(runs.Count / 2);
}
