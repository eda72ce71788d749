// The engine inside a program of your own: train with a quantity of your own, take Hessian-vector products with your own
// vectors, and cancel.   dotnet run -c Release --project samples/embedding
using System.Text;
using Embedding;
using Hesse;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;

const string Text = """
    version: 1
    name: embedded
    replicas: 64
    data: {kind: gauss, classes: 3, dimension: 10, samples: 60}
    network: {hidden: [8], activation: tanh}
    loss: cross-entropy
    training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 10, order: epochs}, steps: 200}
    observe:
      - {quantity: loss, every: 50}
      - {quantity: sharpness, every: 50}
    """;
string folder = Path.Combine(Path.GetTempPath(), "hesse-embedding");
Spec spec = SpecReader.Parse(Encoding.UTF8.GetBytes(Text), SpecFormat.Yaml, "embedded.yaml", folder);

// 1. Train, with a quantity of our own: the largest weight. It is stored like the engine's, (replicas, steps).
Observer largest = new(
    "largest-weight",
    [0, 100, 200],
    [],
    (replica, step, parameters, values) =>
    {
        foreach (double parameter in parameters)
        {
            values[0] = Math.Max(values[0], Math.Abs(parameter));
        }
    }
);
RunReport report = Experiment.Run(spec, new RunOptions { Output = folder, Force = true }, [largest]);
NpyArray stored = NpyFile.Read(Path.Combine(report.Folders[0], "arrays", "largest-weight.npy"));
Console.WriteLine(
    $"{report.Done} replicas; largest weight of replica 0 at steps 0, 100, 200: {Join(stored.ToDoubles()[..3])}"
);

// 2. Curvature of points of our own: two nets at once, each multiplied with the same two vectors.
Network network = new([2, 3, 1], [true], Activation.Tanh, Loss.Mse);
double[] parameters = [.. Enumerable.Range(1, 2 * network.ParameterCount).Select(i => Math.Sin(i))]; // (2,P)
DataSet data = new(
    samples: 4,
    dimension: 2,
    outputs: 1,
    sets: 1,
    inputs: [0, 0, 0, 1, 1, 0, 1, 1],
    labels: null,
    targets: [0, 1, 1, 0]
);
double[] vectors = new double[2 * network.ParameterCount]; // (2,P)
vectors[0] = 1;
vectors[network.ParameterCount + 1] = 1;
double[] products = new double[2 * vectors.Length]; // (2,2,P)
using (CpuBackend backend = new())
{
    Points points = new(network, parameters, data, Precision.Float64);
    backend.HessianVectorProducts(points, vectors, products);
    Console.WriteLine($"H[0,0] and H[1,0] of the first net: {products[0]:F6} {products[1]:F6}");
}

// 3. Cancel: what is finished stays, and the same call goes on from there.
using CancellationTokenSource stop = new();
Spec longer = spec with { Name = "cancelled", Replicas = 100_000 };
Progress tell = new(done =>
{
    if (done > 1000)
    {
        stop.Cancel();
    }
});
RunReport partial = Experiment.Run(longer, new RunOptions { Output = folder, Force = true }, null, tell, stop.Token);
Console.WriteLine($"stopped: {partial.Stopped}; {(partial.Done >= 768 ? "finished replicas are kept" : "too early")}");

static string Join(double[] values) => string.Join(", ", values.Select(value => value.ToString("F4")));

namespace Embedding
{
    /// <summary>Called from the thread that runs, unlike System.Progress.</summary>
    internal sealed class Progress(Action<double> tell) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => tell(value.Done);
    }
}
