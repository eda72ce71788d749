using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Optimizers;

/// <summary>The central flow of gradient descent (J. Cohen et al., arXiv 2410.24206).</summary>
[Trait("Category", "Numerical")]
public sealed class CentralFlowTests
{
    // An inner step moves sharpness by a few hundredths and leaves what is of second order in it.
    private const double SecondOrder = 1e-3;

    // Sharpness of flows with two and with one eigenpair differs in the last digits, and so does the length of inner steps.
    private const double Rounding = 1e-12;

    private const int Units = 30;

    private static readonly Network s_product = new([1, 1, 1], [false], Activation.Identity, Loss.HalfSquaredError);

    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Sharpness_that_would_rise_beyond_the_threshold_is_held_at_it(string backend)
    {
        // f = (a b - 1)^2 / 2: the gradient flow keeps a^2 - b^2 = 6.72 and ends at a b = 1 with sharpness a^2 + b^2 = 7.01.
        const double StepSize = 0.29;
        double[] flow = Product(backend, new GradientFlowSpec { Safety = new(0.25), Tick = new(StepSize) }, 100);
        double[] central = Product(backend, Central(StepSize), 100);
        Sharpness(flow).ShouldBe(Math.Sqrt((6.72 * 6.72) + 4), SecondOrder);
        Sharpness(central).ShouldBe(2 / StepSize, SecondOrder);
        // Where a b = 1 and a^2 + b^2 = 2 / eta.
        double square = ((2 / StepSize) + Math.Sqrt((4 / (StepSize * StepSize)) - 4)) / 2;
        central[0].ShouldBe(Math.Sqrt(square), SecondOrder);
        central[1].ShouldBe(1 / Math.Sqrt(square), SecondOrder);
        for (int ticks = 1; ticks < 10; ticks++)
        {
            Sharpness(Product(backend, Central(StepSize), ticks)).ShouldBeLessThan((1 + SecondOrder) * 2 / StepSize);
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_variance_of_one_critical_direction_is_the_quotient(string backend)
    {
        // At the threshold sigma^2 = 2 <grad S, -grad f> / ||grad S||^2: the two flows part by (h / 2) sigma^2 grad S.
        double[] start = [2.6, 0.2];
        const double Step = 1e-4;
        GradientFlowSpec flow = new() { Tick = new(Step) };
        double[] plain = Product(backend, flow, 1);
        double[] central = Product(backend, Central(2 / Sharpness(start)) with { Tick = new(Step) }, 1);
        double residual = (start[0] * start[1]) - 1;
        double[] descent = [-residual * start[1], -residual * start[0]];
        double[] slope = [Slope(start, 0), Slope(start, 1)];
        double variance =
            2 * ((slope[0] * descent[0]) + (slope[1] * descent[1])) / ((slope[0] * slope[0]) + (slope[1] * slope[1]));
        variance.ShouldBeGreaterThan(0);
        for (int i = 0; i < 2; i++)
        {
            double force = (plain[i] - central[i]) / (Step / 2);
            force.ShouldBe(variance * slope[i], SecondOrder * variance * Math.Abs(slope[0]));
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_state_is_the_diagonal_of_sigma_over_the_tick(string backend)
    {
        // As above: Sigma = sigma^2 u u^T with the eigenvector u of the point, whose inner step is the whole tick.
        double[] start = [2.6, 0.2];
        const double Step = 1e-4;
        GradientFlowSpec central = Central(2 / Sharpness(start)) with { Tick = new(Step) };
        double residual = (start[0] * start[1]) - 1;
        double[] descent = [-residual * start[1], -residual * start[0]];
        double[] slope = [Slope(start, 0), Slope(start, 1)];
        double variance =
            2 * ((slope[0] * descent[0]) + (slope[1] * descent[1])) / ((slope[0] * slope[0]) + (slope[1] * slope[1]));
        // H u = S u: (2ab - 1) u_2 = (S - b^2) u_1.
        double off = (2 * start[0] * start[1]) - 1;
        double ratio = (Sharpness(start) - (start[1] * start[1])) / off;
        double first = 1 / (1 + (ratio * ratio));

        using IBackend opened = BackendSelector.Open(backend, 1);
        using IReplicas replicas = opened.CreateReplicas(ProblemOf(central, start), 0, 1);
        double[] state = new double[2];
        replicas.StateCount.ShouldBe(1);
        replicas.CopyState(state);
        state.ShouldAllBe(x => x == 0);
        replicas.Advance(1);
        replicas.CopyState(state);
        state[0].ShouldBe(variance * first, SecondOrder * variance);
        state[1].ShouldBe(variance * (1 - first), SecondOrder * variance);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Below_the_threshold_it_is_the_gradient_flow(string backend)
    {
        double[] flow = Product(backend, new GradientFlowSpec { Tick = new(0.2) }, 5);
        double[] central = Product(backend, Central(0.2), 5);
        central[0].ShouldBe(flow[0], Rounding);
        central[1].ShouldBe(flow[1], Rounding);
    }

    [Fact]
    public void Where_nothing_can_hold_an_eigenvalue_the_replica_becomes_no_number()
    {
        // The curvature of a quadratic is what it is.
        double[][] path = Quadratic.Train("cpu", Central(0.1), 1, 19, 21);
        path[1].ShouldAllBe(w => double.IsNaN(w));
        Quadratic.Train("cpu", Central(0.1), 1, 18, 19)[1].ShouldAllBe(w => double.IsFinite(w));
    }

    [Fact]
    public void It_predicts_the_time_average_of_descent_where_the_gradient_flow_does_not()
    {
        // Sharpness comes to 2 / eta = 5 half way; the gradient flow's goes on to twice that.
        const double StepSize = 0.4;
        const int Ticks = 1400;
        double scale = Math.Sqrt(2) * Math.Sqrt(2.0 / (1 + Units));
        double[] start = new double[3 * Units];
        ReferenceCases.S(Units, 1, 1.9 * scale).CopyTo(start, 0);
        ReferenceCases.S(Units, 201, scale).CopyTo(start, 2 * Units);
        SgdSpec descent = new() { StepSize = new(StepSize) };
        double[] before = Chebyshev(descent, start, Ticks - 1);
        double[] at = Chebyshev(descent, start, Ticks);
        double[] after = Chebyshev(descent, start, Ticks + 1);
        double[] average = [.. at.Select((w, i) => (before[i] + (2 * w) + after[i]) / 4)];
        double[] central = Chebyshev(Central(StepSize), start, Ticks);
        double[] flow = Chebyshev(new GradientFlowSpec { Tick = new(StepSize) }, start, Ticks);
        string way = $"way {Distance(start, average)}, flow {Distance(flow, average)}";
        Distance(central, average).ShouldBeLessThan(Distance(flow, average) / 2, way);
    }

    [Fact]
    public void Sigma_predicts_by_how_much_the_loss_of_descent_lies_above_the_flow()
    {
        const double StepSize = 0.4;
        const int From = 1200;
        const int To = 1400;
        double scale = Math.Sqrt(2) * Math.Sqrt(2.0 / (1 + Units));
        double[] start = new double[3 * Units];
        ReferenceCases.S(Units, 1, 1.9 * scale).CopyTo(start, 0);
        ReferenceCases.S(Units, 201, scale).CopyTo(start, 2 * Units);
        (double[] descent, _) = Path(new SgdSpec { StepSize = new(StepSize) }, start, From, To);
        (double[] central, double[] traces) = Path(Central(StepSize), start, From, To);
        double excess = descent.Average() - central.Average();
        double predicted = traces.Average() / StepSize;
        // To second order in an oscillation that is not small: 0.052 of 0.062 here.
        predicted.ShouldBe(excess, 0.25 * excess);
    }

    private static GradientFlowSpec Central(double stepSize) =>
        new()
        {
            Method = FlowMethod.Central,
            StepSize = new(stepSize),
            Tick = new(stepSize),
        };

    private static double[] Product(string backend, GradientFlowSpec flow, int ticks) =>
        Train(backend, ProblemOf(flow, [2.6, 0.2]), ticks);

    private static TrainingProblem ProblemOf(GradientFlowSpec flow, double[] start) =>
        ProblemOf(s_product, new DataSet(1, 1, 1, 1, [1], null, [1]), flow, start);

    private static double[] Chebyshev(OptimizerSpec optimizer, double[] start, int steps) =>
        Train("cpu", ChebyshevProblem(optimizer, start), steps);

    private static TrainingProblem ChebyshevProblem(OptimizerSpec optimizer, double[] start)
    {
        IDataSource data = ChebyshevData.Open(new ChebyshevDataSpec { Degree = 4 }, Precision.Float64);
        Network network = new([1, Units, 1], [true, false], Activation.Tanh, Loss.HalfSquaredError);
        return ProblemOf(network, data.Training(0, 1), optimizer, start);
    }

    /// <summary>Losses, and the sums of the rule's state where it has one, after each update from one to another.</summary>
    private static (double[] Losses, double[] Traces) Path(OptimizerSpec optimizer, double[] start, int from, int to)
    {
        TrainingProblem problem = ChebyshevProblem(optimizer, start);
        using IBackend cpu = BackendSelector.Open("cpu", 1);
        using IReplicas replicas = cpu.CreateReplicas(problem, 0, 1);
        DataSet data = problem.Data.Training(0, 1);
        double[] losses = new double[to - from];
        double[] traces = new double[to - from];
        double[] state = new double[replicas.StateCount * start.Length];
        replicas.Advance(from);
        for (int i = 0; i < losses.Length; i++)
        {
            replicas.Advance(1);
            replicas.LossAndAccuracy(data, losses.AsSpan(i, 1), []);
            replicas.CopyState(state);
            traces[i] = state.Sum();
        }

        return (losses, traces);
    }

    private static TrainingProblem ProblemOf(Network network, DataSet data, OptimizerSpec optimizer, double[] start) =>
        new()
        {
            Network = network,
            Precision = Precision.Float64,
            Seed = 1,
            Data = new MemoryData(data),
            Optimizer = optimizer,
            Batch = new BatchSpec { Order = BatchOrder.Full },
            InitialPoint = (_, parameters) => start.CopyTo(parameters),
        };

    private static double[] Train(string backend, TrainingProblem problem, int steps)
    {
        using IBackend opened = BackendSelector.Open(backend, 1);
        using IReplicas replicas = opened.CreateReplicas(problem, 0, 1);
        replicas.Advance(steps);
        double[] parameters = new double[problem.Network.ParameterCount];
        replicas.CopyParameters(parameters);
        return parameters;
    }

    // The larger eigenvalue of [[b^2, 2ab - 1], [2ab - 1, a^2]].
    private static double Sharpness(double[] point)
    {
        (double a, double b) = (point[0], point[1]);
        double half = ((a * a) - (b * b)) / 2;
        double off = (2 * a * b) - 1;
        return (((a * a) + (b * b)) / 2) + Math.Sqrt((half * half) + (off * off));
    }

    private static double Slope(double[] point, int i)
    {
        const double Distance = 1e-5;
        double[] up = [.. point];
        double[] down = [.. point];
        up[i] += Distance;
        down[i] -= Distance;
        return (Sharpness(up) - Sharpness(down)) / (2 * Distance);
    }

    private static double Distance(double[] x, double[] y) => Math.Sqrt(x.Zip(y, (a, b) => (a - b) * (a - b)).Sum());
}
