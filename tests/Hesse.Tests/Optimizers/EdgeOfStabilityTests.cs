using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Optimizers;

/// <summary>
/// Where descent becomes unstable: thresholds on a quadratic, and nets that sharpen until they reach them (J. Cohen et al., arXiv 2103.00065
/// and 2207.14484).
/// </summary>
public sealed class EdgeOfStabilityTests
{
    // Digits as printed.
    private const double Printed = 1e-9;

    // 16 curvatures refine a range of 0.2 thresholds three times: 0.2 / 15^3.
    private const double Refined = 1e-4;

    private const int Lanes = 16;

    public static TheoryData<string> Backends => Quadratic.Backends;

    // Rule and threshold of step size times curvature.
    private static readonly Dictionary<string, (OptimizerSpec Rule, double Threshold)> s_rules = new()
    {
        ["gradient descent"] = (new SgdSpec { StepSize = new(1) }, 2),
        ["polyak 0.5"] = (new MomentumSpec { StepSize = new(1), Momentum = new(0.5) }, 3),
        ["polyak 0.9"] = (new MomentumSpec { StepSize = new(1), Momentum = new(0.9) }, 3.8),
        ["nesterov 0.5"] = (new NesterovSpec { StepSize = new(1), Momentum = new(0.5) }, 1.5),
        ["nesterov 0.9"] = (new NesterovSpec { StepSize = new(1), Momentum = new(0.9) }, 3.8 / 2.8),
        // The preconditioner is epsilon as long as gradients are tiny: (2 + 2 beta1) / (1 - beta1).
        ["adam 0.9"] = (new AdamSpec { StepSize = new(1), Epsilon = new(1) }, 38),
    };

    public static TheoryData<string> Rules => [.. s_rules.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_quadratic_diverges_beyond_the_threshold_of_its_rule(string name)
    {
        (OptimizerSpec rule, double threshold) = s_rules[name];
        double low = 0.9 * threshold;
        double high = 1.1 * threshold;
        for (int round = 0; round < 3; round++)
        {
            double[] curvatures = [.. Enumerable.Range(0, Lanes).Select(i => low + ((high - low) * i / (Lanes - 1)))];
            bool[] diverges = Diverge(rule, curvatures);
            int first = Array.IndexOf(diverges, true);
            first.ShouldBeGreaterThan(0, $"{name}: {low} .. {high}");
            diverges[first..].ShouldAllBe(it => it);
            (low, high) = (curvatures[first - 1], curvatures[first]);
        }

        ((low + high) / 2).ShouldBe(threshold, Refined * threshold);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_fourth_polynomial_follows_the_reference(string backend) =>
        ShouldFollow(
            backend,
            4,
            0.4,
            [0.282864710328, 0.272856282765, 0.27204205906, 0.271423870692, 0.269364404617],
            [3.171313094, 3.157115343, 3.156656197, 3.181635395, 3.405465079]
        );

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_fifth_polynomial_follows_the_reference(string backend) =>
        ShouldFollow(
            backend,
            5,
            0.2,
            [0.283546497131, 0.279211983048, 0.278529644264, 0.278462640822, 0.278313170301],
            [3.168634189, 3.162107531, 3.160091297, 3.160040649, 3.170781627]
        );

    [Theory]
    [InlineData(4, 0.4, 5_000, 8_000)]
    [InlineData(5, 0.2, 17_000, 20_000)]
    public void Sharpness_stays_within_a_tenth_of_two_over_the_step_size(int degree, double stepSize, int from, int to)
    {
        using IBackend cpu = BackendSelector.Open("cpu", 1);
        using IReplicas replicas = cpu.CreateReplicas(Problem(degree, stepSize), 0, 1);
        List<double> losses = [];
        while (replicas.Step < to)
        {
            replicas.Advance(replicas.Step < from ? from - replicas.Step : 150);
            (double loss, double sharpness) = Measure(cpu, replicas, degree);
            sharpness.ShouldBe(2 / stepSize, 0.2 / stepSize, $"step {replicas.Step}");
            losses.Add(loss);
        }

        // The loss goes up and down from step to step, and down on average.
        losses[^5..].Average().ShouldBeLessThan(losses[..5].Average());
    }

    private static void ShouldFollow(string backend, int degree, double stepSize, double[] losses, double[] sharpness)
    {
        using IBackend trained = BackendSelector.Open(backend, 1);
        using IBackend measured = BackendSelector.Open("cpu", 1);
        using IReplicas replicas = trained.CreateReplicas(Problem(degree, stepSize), 0, 1);
        int[] steps = [0, 1, 10, 100, 300];
        for (int i = 0; i < steps.Length; i++)
        {
            replicas.Advance(steps[i] - replicas.Step);
            (double loss, double largest) = Measure(measured, replicas, degree);
            loss.ShouldBe(losses[i], Printed, $"loss at {steps[i]}");
            largest.ShouldBe(sharpness[i], Printed * 10, $"sharpness at {steps[i]}");
        }
    }

    private static (double Loss, double Sharpness) Measure(IBackend backend, IReplicas replicas, int degree)
    {
        TrainingProblem problem = Problem(degree, 1);
        int p = problem.Network.ParameterCount;
        double[] parameters = new double[p];
        replicas.CopyParameters(parameters);
        Points points = new(problem.Network, parameters, problem.Data.Training(0, 1), Precision.Float64);
        double[] loss = new double[1];
        backend.Loss(points, loss);
        double[] spectrum = new double[p];
        backend.HessianSpectrum(points, spectrum);
        return (loss[0], spectrum[^1]);
    }

    // 1-100-1, tanh, the second layer without bias; w1 = sqrt 2 1.9 sqrt(2/101) sin((1+j)^2), w2 = sqrt 2 sqrt(2/101) sin((201+j)^2).
    private static TrainingProblem Problem(int degree, double stepSize)
    {
        double scale = Math.Sqrt(2) * Math.Sqrt(2.0 / 101);
        return new TrainingProblem
        {
            Network = new Network([1, 100, 1], [true, false], Activation.Tanh, Loss.HalfSquaredError),
            Precision = Precision.Float64,
            Seed = 1,
            Data = ChebyshevData.Open(new ChebyshevDataSpec { Degree = degree }, Precision.Float64),
            Optimizer = new SgdSpec { StepSize = new(stepSize) },
            Batch = new BatchSpec { Order = BatchOrder.Full },
            InitialPoint = (_, parameters) =>
            {
                parameters.Clear();
                ReferenceCases.S(100, 1, 1.9 * scale).CopyTo(parameters);
                ReferenceCases.S(100, 201, scale).CopyTo(parameters[200..]);
            },
        };
    }

    // One replica a curvature, f(w) = h w^2 / 2 with step size 1. What grows from half time to the end diverges.
    private static bool[] Diverge(OptimizerSpec rule, double[] curvatures)
    {
        const int Steps = 20_000;
        const double Start = 1e-100;
        double[] inputs = [.. curvatures.Select(Math.Sqrt)];
        TrainingProblem problem = new()
        {
            Network = new Network([1, 1], [false], Activation.Identity, Loss.HalfSquaredError),
            Precision = Precision.Float64,
            Seed = 1,
            Data = new MemoryData(new DataSet(1, 1, 1, Lanes, inputs, null, new double[Lanes])),
            Optimizer = rule,
            Batch = new BatchSpec { Order = BatchOrder.Full },
            InitialPoint = (_, parameters) => parameters.Fill(Start),
        };
        using IBackend cpu = BackendSelector.Open("cpu", 1);
        using IReplicas replicas = cpu.CreateReplicas(problem, 0, Lanes);
        double[] half = new double[Lanes];
        double[] end = new double[Lanes];
        replicas.Advance(Steps / 2);
        replicas.CopyParameters(half);
        replicas.Advance(Steps / 2);
        replicas.CopyParameters(end);
        // Adam's steps are bounded, so what diverges stays at some large value.
        return
        [
            .. end.Zip(half, (last, first) => (Last: Math.Abs(last), First: Math.Abs(first)))
                .Select(w => !(w.Last < Math.Clamp(w.First, Start / 1e6, Start * 1e6))),
        ];
    }
}
