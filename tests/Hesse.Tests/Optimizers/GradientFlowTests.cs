using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class GradientFlowTests
{
    // Digits as printed.
    private const double Printed = 1e-9;

    // Errors of the table are printed with two or three digits.
    private const double TwoDigits = 0.02;

    private static readonly Network s_network = new([3, 8, 2], [true], Activation.Tanh, Loss.Mse);

    private static readonly DataSet s_data = new(32, 3, 2, 1, ReferenceCases.S(96, 7), null, ReferenceCases.S(64, 301));

    private static readonly GradientFlowSpec s_exact = new()
    {
        Method = FlowMethod.Adaptive,
        Tolerance = new(1e-11),
        Tick = new(2.5),
    };

    // 2 / 1.1 lies below the sharpness of all replicas, which the central flow has to hold.
    private const double CentralStepSize = 1.1;

    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Runge_Kutta_has_order_four_and_the_errors_of_the_reference(string backend)
    {
        double[] reference = Train(backend, s_exact, 2);
        LossAt(reference).ShouldBe(0.42790167223, Printed);
        reference.Sum(theta => theta * theta).ShouldBe(6.065826501, Printed * 10);
        (double Tick, double Error)[] table = [(0.5, 2.8e-3), (0.2, 4.19e-5), (0.1, 2.25e-6), (0.05, 1.30e-7)];
        foreach ((double tick, double error) in table)
        {
            // Safety so large that every inner step is a whole tick.
            GradientFlowSpec flow = new() { Safety = new(100), Tick = new(tick) };
            Distance(Train(backend, flow, (int)Math.Round(5 / tick)), reference).ShouldBe(error, TwoDigits * error);
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_error_follows_the_tolerance(string backend)
    {
        double[] reference = Train(backend, s_exact, 2);
        foreach (double tolerance in new[] { 1e-4, 1e-6, 1e-8 })
        {
            GradientFlowSpec flow = s_exact with { Tolerance = new(tolerance) };
            // Some ten inner steps, each with an error of about the tolerance times sqrt 50.
            Distance(Train(backend, flow, 2), reference).ShouldBeInRange(tolerance * 1e-3, tolerance * 100);
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void An_inner_step_is_safety_over_sharpness(string backend)
    {
        // lambda_1 = 2: four steps of 1/4 a tick; the factor of a step in a direction of curvature h is that of exp(-h/4) to order 4.
        GradientFlowSpec flow = new() { Safety = new(0.5) };
        double[][] path = Quadratic.Train(backend, flow, 3, 2, 0.5);
        path.ShouldFollow(
            curvature =>
            {
                double z = curvature / 4;
                double factor = 1 - z + (z * z / 2) - (z * z * z / 6) + (z * z * z * z / 24);
                return Enumerable.Range(0, 4).Select(step => Math.Pow(factor, 4 * step));
            },
            2,
            0.5
        );
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_last_inner_step_ends_with_the_tick(string backend)
    {
        // 0.3 / 2 = 0.15 goes twice into 0.4 and leaves 0.1.
        double[][] path = Quadratic.Train(backend, new GradientFlowSpec { Safety = new(0.3), Tick = new(0.4) }, 1, 2);
        double Factor(double z) => 1 - z + (z * z / 2) - (z * z * z / 6) + (z * z * z * z / 24);
        path[1][0].ShouldBe(Factor(0.3) * Factor(0.3) * Factor(0.2), Quadratic.Tolerance(1));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_flow_of_a_quadratic_is_an_exponential(string backend)
    {
        GradientFlowSpec flow = s_exact with { Tick = new(0.5) };
        double[][] path = Quadratic.Train(backend, flow, 4, 1, 10);
        for (int step = 0; step <= 4; step++)
        {
            path[step][0].ShouldBe(Math.Exp(-0.5 * step), 1e-10);
            path[step][1].ShouldBe(Math.Exp(-5.0 * step), 1e-10);
        }
    }

    [Theory]
    [InlineData(FlowMethod.Rk4)]
    [InlineData(FlowMethod.Adaptive)]
    [InlineData(FlowMethod.Central)]
    public void A_replica_has_its_bits_in_any_wave_and_a_lost_one_leaves_the_others_alone(FlowMethod method)
    {
        GradientFlowSpec flow = new()
        {
            Method = method,
            Tick = new(3),
            StepSize = new(CentralStepSize),
        };
        using IBackend cpu = BackendSelector.Open("cpu", 2);
        using IReplicas wave = cpu.CreateReplicas(Problem(flow, lost: 2), 0, 4);
        wave.Advance(2);
        double[] together = new double[200];
        wave.CopyParameters(together);
        together[100..150].ShouldAllBe(theta => double.IsNaN(theta));
        together[..100].ShouldAllBe(theta => double.IsFinite(theta));
        foreach (int replica in new[] { 0, 3 })
        {
            using IReplicas alone = cpu.CreateReplicas(Problem(flow, lost: 2), replica, 1);
            alone.Advance(1);
            alone.Advance(1);
            double[] found = new double[50];
            alone.CopyParameters(found);
            found.ShouldBe(together[(50 * replica)..(50 * (replica + 1))]);
        }
    }

    private static double[] Train(string backend, GradientFlowSpec flow, int steps)
    {
        using IBackend opened = BackendSelector.Open(backend, 1);
        using IReplicas replicas = opened.CreateReplicas(Problem(flow), 0, 1);
        replicas.Advance(steps);
        double[] parameters = new double[50];
        replicas.CopyParameters(parameters);
        return parameters;
    }

    private static double LossAt(double[] parameters)
    {
        using IBackend reference = BackendSelector.Open("reference", 1);
        double[] loss = new double[1];
        reference.Loss(new Points(s_network, parameters, s_data, Precision.Float64), loss);
        return loss[0];
    }

    private static double Distance(double[] x, double[] y) => Math.Sqrt(x.Zip(y, (a, b) => (a - b) * (a - b)).Sum());

    // Replica r begins at S(50, 1 + 1000 r, 0.5); the lost one where the loss is no number.
    private static TrainingProblem Problem(GradientFlowSpec flow, int lost = -1) =>
        new()
        {
            Network = s_network,
            Precision = Precision.Float64,
            Seed = 1,
            Data = new MemoryData(s_data),
            Optimizer = flow,
            Batch = new BatchSpec { Order = BatchOrder.Full },
            InitialPoint = (replica, parameters) =>
            {
                ReferenceCases.S(50, 1 + (1000 * replica), 0.5).CopyTo(parameters);
                parameters[0] = replica == lost ? double.NaN : parameters[0];
            },
        };
}
