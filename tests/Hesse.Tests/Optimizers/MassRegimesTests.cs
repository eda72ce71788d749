using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

/// <summary>
/// The three regimes of the batch size m in C. Liu and M. Belkin (arXiv 1810.13395) on Gaussian data: with optimal numbers MaSS takes a number of
/// iterations proportional to sqrt(kappa_m kt_m), which falls as 1/m up to m1* = min(L1/L, kt) and no further beyond m2* = max(L1/L, kt).
/// </summary>
public sealed class MassRegimesTests
{
    private const ulong Seed = 1907;
    private const int Replicas = 16;
    private const int Dimension = 32;

    // H = diag(scale^2): trace 2, L = 1, mu = 1/256.
    private static readonly double[] s_scales =
    [
        .. Enumerable
            .Range(0, Dimension)
            .Select(i =>
                i == 0 ? 1
                : i < 16 ? 0.25
                : 0.0625
            ),
    ];

    [Fact]
    public void Iterations_follow_the_condition_numbers_of_the_batch()
    {
        int[] sizes = [1, 4, 16, 64, 256];
        double[] iterations = [.. sizes.Select(Iterations)];
        double[] predicted = [.. sizes.Select(size => Math.Sqrt(Kappa(size) * Statistical(size)))];
        double[] ratios = [.. iterations.Zip(predicted, (found, root) => found / root)];
        // Measured every tenth iteration, median of 16 runs: a few percent at the smallest number.
        ratios.ShouldAllBe(ratio => Math.Abs((ratio / ratios.Average()) - 1) < 0.15);
        // m1* = 4 and m2* = 34: nearly linear, diminishing, saturated.
        (iterations[0] / iterations[1]).ShouldBeInRange(2.4, 4);
        (iterations[1] / iterations[2]).ShouldBeInRange(1.6, 2.8);
        (iterations[3] / iterations[4]).ShouldBeInRange(1, 1.4);
    }

    // L_m = L1/m + (m-1) L/m with L1 = tr H + 2 L = 4; kappa_m = L_m / mu.
    private static double Smoothness(int size) => (4.0 / size) + ((size - 1.0) / size);

    private static double Kappa(int size) => Smoothness(size) * 256;

    // kt_m = kt/m + (m-1)/m with kt = d + 2.
    private static double Statistical(int size) => ((Dimension + 2.0) / size) + ((size - 1.0) / size);

    /// <summary>Median number of iterations until f = (1/2) sum scale^2 (w - w*)^2 is a millionth of its first value.</summary>
    private static double Iterations(int size)
    {
        const int Often = 10;
        double root = Math.Sqrt(Kappa(size) * Statistical(size));
        double stepSize = 1 / Smoothness(size);
        MassSpec mass = new()
        {
            StepSize = new(stepSize),
            Momentum = new((root - 1) / (root + 1)),
            SecondaryStepSize = new(stepSize * root / (root + 1) * (1 - (1 / Statistical(size)))),
        };
        TeacherDataSpec data = new()
        {
            Hidden = [],
            Dimension = Dimension,
            Samples = 10_000,
            Scales = s_scales,
        };
        TrainingProblem problem = new()
        {
            Network = new Network([Dimension, 1], [false], Activation.Identity, Loss.HalfSquaredError),
            Precision = Precision.Float64,
            Seed = Seed,
            Data = TeacherData.Open(data, Seed, Precision.Float64),
            Optimizer = mass,
            Batch = new BatchSpec { Size = size, Order = BatchOrder.WithReplacement },
            InitialPoint = (_, parameters) => parameters.Clear(),
        };
        double[] target = new double[Dimension];
        NormalDeviates.Fill(Seed, 0, 0, 0, RandomStream.DataTarget, target);
        using IBackend cpu = BackendSelector.Open("cpu", 0);
        using IReplicas replicas = cpu.CreateReplicas(problem, 0, Replicas);
        double[] parameters = new double[Replicas * Dimension];
        double[] first = new double[Replicas];
        double start = Excess(parameters, 0, target);
        while (first.Contains(0) && replicas.Step < 4000)
        {
            replicas.Advance(Often);
            replicas.CopyParameters(parameters);
            for (int replica = 0; replica < Replicas; replica++)
            {
                bool there = Excess(parameters, replica, target) < 1e-6 * start;
                first[replica] = first[replica] == 0 && there ? replicas.Step : first[replica];
            }
        }

        double[] sorted = [.. first.Order()];
        sorted[0].ShouldBeGreaterThan(0, $"batch {size}");
        return (sorted[7] + sorted[8]) / 2;
    }

    private static double Excess(double[] parameters, int replica, double[] target) =>
        Enumerable
            .Range(0, Dimension)
            .Sum(i =>
                Math.Pow(s_scales[i] * (parameters[(replica * Dimension) + i] - (target[i] / Math.Sqrt(Dimension))), 2)
            );
}
