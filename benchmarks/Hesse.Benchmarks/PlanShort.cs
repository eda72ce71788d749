using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Benchmarks;

/// <summary>
/// The planner's word against runs: nine plans and nine runs of the same experiment in turns, medians, as a Markdown table. What a
/// run takes is the sum of its stages.
/// </summary>
internal static class PlanShort
{
    private const int Runs = 9;

    private static readonly ShortExperiment[] s_experiments =
    [
        new(
            "gauss-10",
            32,
            "classes: 10, dimension: 50, samples: 100, test-samples: 1000",
            "hidden: [10, 30]",
            "optimizer: {kind: sgd, step-size: 0.08}, batch: {size: 5, order: epochs}, steps: 400",
            "{quantity: loss, every: 1}, {quantity: hessian-spectrum, at: [1, 399]}, {quantity: second-moment-spectrum, at: [1, 399]}"
        ),
        new(
            "edge-of-stability",
            16,
            "classes: 3, dimension: 10, samples: 60",
            "hidden: [16, 16], activation: tanh",
            "optimizer: {kind: sgd, step-size: 0.2}, batch: {order: full}, steps: 1000",
            "{quantity: loss, every: 10}, {quantity: top-eigenvalues, every: 50}"
        )
        {
            Loss = "mse",
        },
        new(
            "training",
            2048,
            "classes: 10, dimension: 50, samples: 1000",
            "hidden: [30, 30]",
            "optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 50, order: epochs}, steps: 100",
            "{quantity: loss, at: [100]}"
        ),
    ];

    /// <summary>All experiments, or those that are named.</summary>
    public static void Run(IReadOnlyList<string> names)
    {
        IEnumerable<ShortExperiment> chosen = ShortExperiment.Chosen(s_experiments, names);
        Console.WriteLine("| experiment | stage | planned, s | median of nine runs, s | planned / run |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (ShortExperiment one in chosen)
        {
            Report(one.Name, one.Spec);
        }
    }

    private static void Report(string name, Spec spec)
    {
        List<IReadOnlyList<KeyValuePair<string, double>>> planned = [];
        List<IReadOnlyList<KeyValuePair<string, double>>> taken = [];
        for (int run = 0; run < Runs; run++)
        {
            ShortExperiment.InFolder(folder =>
            {
                RunOptions options = new() { Output = folder };
                planned.Add(RunEstimate.Of(spec, options).Stages);
                taken.Add(Experiment.Run(spec, options).Stages);
                return 0;
            });
        }

        foreach (string stage in taken[0].Concat(planned[0]).Select(one => one.Key).Distinct())
        {
            Row(name, stage, Median(planned, one => Of(one, stage)), Median(taken, one => Of(one, stage)));
        }

        Row(name, "all", Median(planned, Sum), Median(taken, Sum));
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
