using Hesse.Backends;
using Hesse.Backends.Reference;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Specs;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class InformationBoundTests : IDisposable
{
    private const double Rounding = 1e-11;
    private const double Eta = 0.3;
    private const int Steps = 4;
    private const int Test = 7;
    private readonly PathRun _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void Variance_is_that_of_the_test_gradients_along_the_path_and_the_bound_is_its_formula()
    {
        const double sigma = 0.5;
        string observe =
            "{quantity: parameters, every: 1}, {quantity: loss, every: 1}, {quantity: test-loss, every: 1}, "
            + "{quantity: information-bound, every: 1, sigma: 0.5, range: 2}";
        string text = PathRun.Text(observe, steps: Steps);
        _runs.Run("a", text);
        TrainingProblem problem = PathRun.Problem(text);
        int p = problem.Network.ParameterCount;
        double[] theta = _runs.Array("a", "parameters");
        double[] variance = _runs.Array("a", "information-bound.variance");
        double[] sensitivity = _runs.Array("a", "information-bound.sensitivity");
        double[] output = _runs.Array("a", "information-bound.output");
        double[] bound = _runs.Array("a", "information-bound");
        double[] gap = _runs.Array("a", "information-bound.gap");
        double[] loss = _runs.Array("a", "loss");
        double[] testLoss = _runs.Array("a", "test-loss");
        using ReferenceBackend reference = new();
        double sum = 0;
        for (int t = 0; t <= Steps; t++)
        {
            variance[t].ShouldBe(sum, Rounding);
            gap[t].ShouldBe(testLoss[t] - loss[t], Rounding);
            double expected = (2 * 2 * Math.Sqrt((variance[t] + sensitivity[t]) / 11)) + Math.Abs(output[t]);
            bound[t].ShouldBe(expected, Rounding);
            Points at = new(problem.Network, theta.AsMemory(t * p, p), problem.Data.Test(0, 1)!, Precision.Float64);
            double[] samples = new double[Test * p];
            reference.PerSampleGradients(at, samples);
            double noise = Enumerable
                .Range(0, p)
                .Sum(i =>
                {
                    double mean = Enumerable.Range(0, Test).Average(n => samples[(n * p) + i]);
                    return Enumerable.Range(0, Test).Average(n => Math.Pow(samples[(n * p) + i] - mean, 2));
                });
            // Epochs of 11 rows in batches of 3: the fourth batch has 2.
            sum += Eta * Eta / (sigma * sigma) * noise / (t == 3 ? 2 : 3);
        }

        (sensitivity[0], output[0]).ShouldBe((0, 0));
    }

    // For a linear net with squared error g(w + xi) - g(w) = H xi, so Gamma = s^2 ||H||_F^2, and E L(w + xi) - L(w) = s^2 tr H / 2.
    [Fact]
    public void Sensitivity_and_output_of_a_linear_net_are_those_of_its_hessian()
    {
        const double sigma = 0.1;
        const int draws = 2000;
        // Of means of this many draws of a sum of about ten squares: five standard deviations.
        const double sampling = 0.1;
        Network network = new([3, 2], [true], Activation.Identity, Loss.HalfSquaredError);
        DataSet training = Samples(6, 1);
        DataSet test = Samples(5, 9);
        double[] theta = [.. Enumerable.Range(0, network.ParameterCount).Select(i => Math.Sin(i))];
        using ReferenceBackend reference = new();
        using IBackend cpu = BackendSelector.Open("cpu", 1);
        TrainingProblem problem = new()
        {
            Network = network,
            Precision = Precision.Float64,
            Seed = 4,
            Data = new MemoryData(training, test),
            Optimizer = new SgdSpec { StepSize = new Schedule(Eta) },
            Batch = new BatchSpec { Order = BatchOrder.Full },
            InitialPoint = (_, point) => theta.CopyTo(point),
        };
        Dictionary<string, string> options = Quantities.DefaultOptions(QuantityCatalogue.Find("information-bound")!);
        options["sigma"] = "0.1";
        options["draws"] = $"{draws}";
        IQuantity quantity = Quantities.Get("information-bound").With(options).ForWave(cpu, new Wave(problem, 0, 1));
        double[] values = new double[5];
        foreach (int step in new[] { 0, 1, 2 })
        {
            quantity.Evaluate(
                new Snapshot
                {
                    Backend = cpu,
                    Network = network,
                    Replicas = 1,
                    Seed = 4,
                    Step = step,
                    ReplicaNumbers = [0],
                    Places = [0],
                    Parameters = theta,
                    Training = training,
                    Test = test,
                    Batches = new Hesse.Replicas.BatchIndices(4, 6, problem.Batch),
                },
                values
            );
        }

        int p = network.ParameterCount;
        double[] hessian = new double[p * p];
        double[] hessianOfTest = new double[p * p];
        reference.Hessian(new Points(network, theta, training, Precision.Float64), hessian);
        reference.Hessian(new Points(network, theta, test, Precision.Float64), hessianOfTest);
        // Steps 0 and 1 have s^2 = 0 and sigma^2.
        double sensitivity = Eta * Eta * hessianOfTest.Sum(h => h * h);
        (values[2] / sensitivity).ShouldBe(1, sampling);
        double Trace(double[] matrix) => Enumerable.Range(0, p).Sum(i => matrix[i * (p + 1)]);
        double output = -sigma * sigma * 2 / 2 * (Trace(hessian) - Trace(hessianOfTest));
        values[3].ShouldBe(output, 0.3 * Math.Abs(output));
    }

    [Fact]
    public void Other_rules_than_sgd_are_refused() =>
        Should
            .Throw<HesseException>(() =>
                PathRun.Problem(PathRun.Text("{quantity: information-bound, at: [1]}", "{kind: adam, step-size: 0.1}"))
            )
            .Message.ShouldContain("sgd");

    private static DataSet Samples(int count, int phase) =>
        new(
            count,
            3,
            2,
            1,
            [
                .. Enumerable
                    .Range(0, count * 3)
                    .Select(i => (phase % 2 == 0 ? 1 : 0.2 * phase) * Math.Sin((2.3 * i) + phase)),
            ],
            null,
            [.. Enumerable.Range(0, count * 2).Select(i => Math.Cos(i + phase))]
        );
}
