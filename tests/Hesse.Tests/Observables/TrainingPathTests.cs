using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Tests.Observables;

/// <summary>Quantities that look at several steps of the training.</summary>
[Trait("Category", "Numerical")]
public sealed class TrainingPathTests : IDisposable
{
    // Sums of a few dozen products in another order.
    private const double Rounding = 1e-12;
    private const int Steps = 6;
    private readonly PathRun _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("reference", "{size: 3, order: epochs}")]
    [InlineData("cpu", "{size: 3, order: epochs}")]
    [InlineData("cpu", "{size: 2, order: with-replacement}")]
    [InlineData("cpu", "{size: 4, order: sequential}")]
    public void Cosine_is_that_of_the_gradients_that_moved_the_parameters(string backend, string batch)
    {
        const double eta = 0.3;
        string observe = "{quantity: parameters, every: 1}, {quantity: consecutive-gradient-cosine, every: 1}";
        _runs.Run("a", PathRun.Text(observe, batch: batch), backend);

        double[] theta = _runs.Array("a", "parameters");
        double[] cosines = _runs.Array("a", "consecutive-gradient-cosine");
        int p = theta.Length / 3 / (Steps + 1);
        for (int r = 0; r < 3; r++)
        {
            cosines[r * (Steps + 1)].ShouldBe(double.NaN);
            for (int t = 1; t < Steps; t++)
            {
                double[] Gradient(int step) =>
                    [
                        .. Enumerable
                            .Range(0, p)
                            .Select(i =>
                                (
                                    theta[(((r * (Steps + 1)) + step) * p) + i]
                                    - theta[(((r * (Steps + 1)) + step + 1) * p) + i]
                                ) / eta
                            ),
                    ];
                double[] g = Gradient(t);
                double[] h = Gradient(t - 1);
                double expected = g.Zip(h, (a, b) => a * b).Sum() / Math.Sqrt(g.Sum(a => a * a) * h.Sum(a => a * a));
                // Differences of parameters of size 1 carry 1e-16 / eta.
                cosines[(r * (Steps + 1)) + t].ShouldBe(expected, 1e-11);
            }
        }
    }

    [Fact]
    public void Full_batches_on_a_descending_path_point_the_same_way()
    {
        string observe = "{quantity: consecutive-gradient-cosine, at: [1, 6]}";
        _runs.Run("a", PathRun.Text(observe, "{kind: sgd, step-size: 1.0e-6}", "{order: full}"));

        // Steps of 1e-6 turn the gradient by an angle of about that size.
        _runs.Array("a", "consecutive-gradient-cosine").ShouldAllBe(cosine => Math.Abs(cosine - 1) < 1e-10);
    }

    [Fact]
    public void Projections_are_linear_and_shared_by_replicas_and_steps()
    {
        string observe = "{quantity: parameters, every: 3}, {quantity: iterate-projection, directions: 3, every: 3}";
        _runs.Run("a", PathRun.Text(observe));

        double[] theta = _runs.Array("a", "parameters");
        double[] projected = _runs.Array("a", "iterate-projection");
        int p = theta.Length / 9;
        double[] normal = new double[3 * p];
        NormalDeviates.Fill(11, 0, 0, 0, RandomStream.ProjectionDirections, normal);
        for (int point = 0; point < 9; point++)
        {
            for (int j = 0; j < 3; j++)
            {
                double expected = Enumerable.Range(0, p).Sum(i => theta[(point * p) + i] * normal[(j * p) + i]);
                projected[(point * 3) + j].ShouldBe(expected, Rounding);
            }
        }
    }

    [Fact]
    public void Observing_more_later_with_other_waves_and_threads_gives_the_same_bits()
    {
        const string loss = "{quantity: loss, every: 2}";
        string path = $"{loss}, {PathQuantities}";
        _runs.Run("later", PathRun.Text(loss, replicas: 40));
        _runs.Run("later", PathRun.Text(path, replicas: 40), change: options => options with { Threads = 1 });
        _runs.Run("whole", PathRun.Text(path, replicas: 40));
        _runs.Run("every", PathRun.Text($"{PathQuantities}, {{quantity: gradient, every: 1}}", replicas: 40));

        foreach (string name in Files)
        {
            _runs.Array("later", name).ShouldBe(_runs.Array("whole", name));
            _runs.Array("every", name).ShouldBe(_runs.Array("whole", name));
        }
    }

    [Fact]
    public void A_warm_start_takes_fewer_products_to_the_same_eigenvalues()
    {
        // 4-90-3: more parameters than are assembled.
        const string network = "{hidden: [90], activation: tanh}";
        string observe = "{quantity: top-eigenvalues, k: 2, smallest: 1, every: 2, warm-start: true}";
        _runs.Run("warm", PathRun.Text(observe, "{kind: sgd, step-size: 0.01}", network: network, replicas: 2));
        string cold = observe.Replace("true", "false");
        _runs.Run("cold", PathRun.Text(cold, "{kind: sgd, step-size: 0.01}", network: network, replicas: 2));

        double[] expected = _runs.Array("cold", "top-eigenvalues");
        _runs
            .Array("warm", "top-eigenvalues")
            .Zip(expected, (a, b) => Math.Abs((a / b) - 1))
            .Max()
            .ShouldBeLessThan(1e-6);
        _runs.Array("warm", "top-eigenvalues.converged").ShouldAllBe(converged => converged == 1);
        double[] products = _runs.Array("warm", "top-eigenvalues.iterations");
        double[] before = _runs.Array("cold", "top-eigenvalues.iterations");
        products[0].ShouldBe(before[0]);
        products.Sum().ShouldBeLessThan(before.Sum());
    }

    [Fact]
    public void A_diverged_replica_is_not_a_number_and_harms_no_other()
    {
        const int replicas = 20;
        const int bad = 18;
        int p = PathRun.Problem(PathRun.Text("")).Network.ParameterCount;
        double[] points = [.. Enumerable.Range(0, replicas * p).Select(i => Math.Sin((double)i * i))];
        _runs.Run("sound", PathRun.Text(PathQuantities, replicas: replicas, network: _runs.Network(points, replicas)));
        points.AsSpan(bad * p, p).Fill(1e300);
        points[^1] = 0.5;
        _runs.Run("bad", PathRun.Text(PathQuantities, replicas: replicas, network: _runs.Network(points, replicas)));

        foreach (string name in Files)
        {
            double[] expected = _runs.Array("sound", name);
            double[] actual = _runs.Array("bad", name);
            int length = expected.Length / replicas;
            actual.AsSpan(bad * length, length).ToArray().ShouldAllBe(value => double.IsNaN(value));
            actual.AsSpan(0, bad * length).SequenceEqual(expected.AsSpan(0, bad * length)).ShouldBeTrue(name);
        }
    }

    [Theory]
    [InlineData("{kind: adam, step-size: 0.01}", 2)]
    [InlineData("{kind: mass, step-size: 0.01, secondary-step-size: 0.001, momentum: 0.9}", 1)]
    [InlineData("{kind: adapnm, step-size: 0.01, beta0: 1}", 4)]
    [InlineData("{kind: sgd, step-size: 0.01}", 0)]
    public void State_of_the_update_rule_is_that_of_the_reference(string optimizer, int vectors)
    {
        TrainingProblem problem = PathRun.Problem(PathRun.Text("", optimizer));
        int length = 3 * vectors * problem.Network.ParameterCount;
        using IBackend reference = BackendSelector.Open("reference", 1);
        using IBackend cpu = BackendSelector.Open("cpu", 1);
        double[] expected = StateOf(reference, problem, vectors, length);
        double[] actual = StateOf(cpu, problem, vectors, length);
        actual.ShouldBe(expected, Rounding);
        expected.Count(value => value != 0).ShouldBeGreaterThan(length / 2 - 1);
    }

    [Theory]
    [InlineData("consecutive-gradient-cosine")]
    [InlineData("loss-increment")]
    [InlineData("preconditioned-sharpness")]
    [InlineData("early-stopping")]
    [InlineData("stability-twins")]
    [InlineData("information-bound")]
    public void What_one_weight_vector_does_not_tell_cannot_be_probed(string name)
    {
        ProbeFiles files = new()
        {
            Parameters = "p",
            Inputs = "x",
            Targets = "y",
        };
        HesseException failure = Should.Throw<HesseException>(() => Probe.Check([name], files));
        failure.Code.ShouldBe(ExitCode.Usage);
        failure.Message.ShouldContain("observe it in a run");
    }

    private const string PathQuantities =
        "{quantity: consecutive-gradient-cosine, at: [2, 5]}, {quantity: iterate-projection, at: [3]}, "
        + "{quantity: loss-increment, at: [0, 4], tail-bound: true}, "
        + "{quantity: pac-bayes-bound, at: [1, 4], draws: 3}, {quantity: early-stopping, at: [1, 2, 3, 6], window: 2}, "
        + "{quantity: stability-twins, at: [0, 3, 5], twins: 2}, {quantity: information-bound, at: [1, 4], draws: 2}";

    private static string[] Files =>
        [
            "consecutive-gradient-cosine",
            "iterate-projection",
            "loss-increment.measured",
            "loss-increment.predicted-mean",
            "loss-increment.predicted-variance",
            "loss-increment.tail-bound",
            "pac-bayes-bound",
            "early-stopping",
            "early-stopping.gap",
            "stability-twins.each",
            "stability-twins.loss-sum",
            "information-bound",
        ];

    private static double[] StateOf(IBackend backend, TrainingProblem problem, int vectors, int length)
    {
        using IReplicas replicas = backend.CreateReplicas(problem, 0, 3);
        replicas.StateCount.ShouldBe(vectors);
        replicas.Advance(3);
        double[] state = new double[length];
        replicas.CopyState(state);
        return state;
    }
}
