using System.Text;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Tests;

/// <summary>Two runs at the same time in one process: each gives the bytes that it gives alone.</summary>
[Trait("Category", "Numerical")]
public sealed class TwoEnginesTests : IDisposable
{
    private const string First = """
        version: 1
        name: first
        seed: 3
        replicas: 40
        data: {kind: gauss, classes: 3, dimension: 5, samples: 20}
        network: {hidden: [6], activation: tanh}
        loss: cross-entropy
        training: {optimizer: {kind: momentum, step-size: 0.1, momentum: 0.9}, batch: {size: 4, order: epochs}, steps: 120}
        observe: [{quantity: loss, every: 10}, {quantity: sharpness, at: [0, 120]}, {quantity: hessian-spectrum, at: [60]}]
        """;

    private const string Second = """
        version: 1
        name: second
        seed: 4
        replicas: 5
        precision: float64
        data: {kind: linear, dimension: 4, outputs: 2, samples: 15}
        network: {hidden: [5, 3], activation: gelu}
        loss: mse
        training: {optimizer: {kind: adam, step-size: 0.01}, batch: {size: 5, order: with-replacement}, steps: 40}
        observe: [{quantity: gradient-norm, every: 5}, {quantity: second-moment-spectrum, at: [20, 40]}]
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cpu", "reference")]
    [InlineData("cpu", "cpu")]
    public async Task Two_runs_at_the_same_time_give_the_bytes_of_each_alone(string first, string second)
    {
        Dictionary<string, byte[]> alone = Run(First, first, "alone");
        Dictionary<string, byte[]> other = Run(Second, second, "alone");

        // Both start together, and the longer one is repeated until the other has ended, so that they overlap whatever the machine does.
        using Barrier start = new(2);
        Task<Dictionary<string, byte[]>> left = Started(() =>
        {
            start.SignalAndWait();
            return Run(First, first, "beside");
        });
        Task<Dictionary<string, byte[]>> right = Started(() =>
        {
            start.SignalAndWait();
            Dictionary<string, byte[]> last;
            do
            {
                last = Run(Second, second, "beside");
            } while (!left.IsCompleted);
            return last;
        });

        ShouldBeSame(await left, alone);
        ShouldBeSame(await right, other);
    }

    private static Task<T> Started<T>(Func<T> run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void ShouldBeSame(Dictionary<string, byte[]> actual, Dictionary<string, byte[]> expected)
    {
        expected.Count.ShouldBeGreaterThan(3);
        actual.Keys.Order().ShouldBe(expected.Keys.Order());
        foreach ((string name, byte[] bytes) in expected)
        {
            actual[name].AsSpan().SequenceEqual(bytes).ShouldBeTrue(name);
        }
    }

    // The arrays of a run from its beginning.
    private Dictionary<string, byte[]> Run(string text, string backend, string folder)
    {
        string root = _folder.PathOf(folder);
        Spec spec = SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "spec.yaml", _folder.Root);
        RunReport report = Experiment.Run(
            spec,
            new RunOptions
            {
                Output = root,
                Backend = backend,
                Threads = 2,
                Force = true,
            }
        );
        return Directory
            .EnumerateFiles(Path.Combine(report.Folders[0], "arrays"))
            .ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes, StringComparer.Ordinal);
    }
}
