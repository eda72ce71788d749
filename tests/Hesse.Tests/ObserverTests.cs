using Hesse.Observables;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Tests;

public sealed class ObserverTests : IDisposable
{
    private const string Text = """
        version: 1
        name: observed
        replicas: 20
        data: {kind: gauss, classes: 2, dimension: 3, samples: 8}
        network: {hidden: [4]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 6}
        observe: [{quantity: parameters, at: [0, 5]}]
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_quantity_of_the_callers_own_is_stored_like_the_engines()
    {
        Observer ends = new(
            "first-and-last",
            [5, 0],
            [2],
            (replica, step, parameters, values) =>
            {
                values[0] = parameters[0];
                values[1] = parameters[^1] + replica + (1000 * step);
            }
        );
        Observer sum = new("sum-of-parameters", [6], [], (_, _, parameters, values) => values[0] = Sum(parameters));
        Run([ends, sum]).Done.ShouldBe(20);

        string arrays = _folder.PathOf("observed/arrays");
        NpyArray parameters = NpyFile.Read(Path.Combine(arrays, "parameters.npy"));
        NpyArray stored = NpyFile.Read(Path.Combine(arrays, "first-and-last.npy"));
        stored.Shape.ShouldBe([20, 2, 2]);
        NpyFile.Read(Path.Combine(arrays, "first-and-last.steps.npy")).ToInt64s().ShouldBe([0, 5]);
        double[] theta = parameters.ToDoubles();
        double[] seen = stored.ToDoubles();
        int p = (int)parameters.Shape[2];
        for (int row = 0; row < 40; row++)
        {
            seen[2 * row].ShouldBe(theta[row * p]);
            seen[(2 * row) + 1].ShouldBe(theta[(row * p) + p - 1] + (row / 2) + (row % 2 * 5000));
        }

        NpyFile.Read(Path.Combine(arrays, "sum-of-parameters.npy")).Shape.ShouldBe([20, 1]);
        File.ReadAllText(_folder.PathOf("observed/summary.csv")).ShouldContain("sum-of-parameters");
        Run([ends, sum]).Computed.ShouldBe(0);
    }

    [Fact]
    public void A_new_observer_is_measured_for_the_replicas_that_are_there()
    {
        Run([]);
        byte[] before = File.ReadAllBytes(_folder.PathOf("observed/arrays/parameters.npy"));
        Run([new Observer("one", [3], [], (_, _, _, values) => values[0] = 1)]).Computed.ShouldBe(20);
        NpyFile.Read(_folder.PathOf("observed/arrays/one.npy")).ToDoubles().ShouldAllBe(value => value == 1);
        File.ReadAllBytes(_folder.PathOf("observed/arrays/parameters.npy")).ShouldBe(before);
    }

    [Theory]
    [InlineData("Loss", 0, 1, "is no name")]
    [InlineData("../up", 0, 1, "is no name")]
    [InlineData("loss", 0, 1, "the engine has")]
    [InlineData("mine", 7, 1, "0 .. 6")]
    [InlineData("mine", 0, 0, "shorter than 1")]
    public void What_cannot_be_is_one_clear_line(string name, int step, int length, string reason)
    {
        HesseException failure = Should.Throw<HesseException>(() =>
            Run([new Observer(name, [step], [length], (_, _, _, _) => { })])
        );
        failure.Code.ShouldBe(ExitCode.Usage);
        failure.Message.ShouldContain(reason);
    }

    private RunReport Run(IReadOnlyList<Observer> observers) =>
        Experiment.Run(
            SpecReader.Parse(System.Text.Encoding.UTF8.GetBytes(Text), SpecFormat.Yaml, "spec.yaml", _folder.Root),
            new RunOptions { Output = _folder.Root },
            observers
        );

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum;
    }
}
