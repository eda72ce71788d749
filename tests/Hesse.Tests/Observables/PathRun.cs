using System.Text;
using Hesse.Backends;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Tests.Observables;

/// <summary>Small runs whose arrays are compared with what the reference backend gives for the stored parameters.</summary>
internal sealed class PathRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public const string Data =
        "{kind: gauss, classes: 3, dimension: 4, samples: 11, test-samples: 7, mean-scale: 1, noise-scale: 1}";

    public void Dispose() => _folder.Dispose();

    /// <summary>A spec of a 4-3-3 tanh net on 11 samples, in double.</summary>
    public static string Text(
        string observe,
        string optimizer = "{kind: sgd, step-size: 0.3}",
        string batch = "{size: 3, order: epochs}",
        int replicas = 3,
        int steps = 6,
        string data = Data,
        string network = "{hidden: [3], activation: tanh}"
    ) =>
        $"""
            version: 1
            name: path
            seed: 11
            replicas: {replicas}
            precision: float64
            data: {data}
            network: {network}
            loss: cross-entropy
            training:
              optimizer: {optimizer}
              batch: {batch}
              steps: {steps}
            observe: [{observe}]

            """;

    public static Spec Read(string text) =>
        SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "path.yaml", Path.GetTempPath());

    /// <summary>What a backend trains.</summary>
    public static TrainingProblem Problem(string text) => Plan.Of(Read(text), new RunOptions()).Settings[0].Problem;

    public void Run(string name, string text, string backend = "cpu", Func<RunOptions, RunOptions>? change = null)
    {
        RunOptions options = new()
        {
            Output = _folder.PathOf(name),
            Backend = backend,
            Threads = 2,
        };
        Experiment.Run(Read(text), change?.Invoke(options) ?? options);
    }

    /// <summary>Initial points of the replicas, (R,P), as a network section that reads them.</summary>
    public string Network(double[] points, int replicas)
    {
        string path = _folder.PathOf($"points-{points.Length}-{points[^1]:R}.npy");
        NpyFile.Write<double>(path, NpyType.Float64, [replicas, points.Length / replicas], points);
        return $"{{hidden: [3], activation: relu, initialization: npy, initial-parameters: {path}}}";
    }

    public double[] Array(string name, string file) =>
        NpyFile.Read(Path.Combine(_folder.PathOf(name), "path", "arrays", file + ".npy")).ToDoubles();
}
