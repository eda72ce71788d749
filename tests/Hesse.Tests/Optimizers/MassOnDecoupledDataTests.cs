using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

/// <summary>
/// The claim of C. Liu and M. Belkin (arXiv 1810.13395) over many runs: on component-decoupled data Nesterov's momentum diverges at a step size
/// at which SGD converges, and the compensation term of MaSS repairs it.
/// </summary>
public sealed class MassOnDecoupledDataTests
{
    private const int Replicas = 64;

    // MaSS reaches 1e-6 of the first loss within about 1,000 iterations here, SGD within about 21,000.
    private const int Steps = 1500;

    [Fact]
    public void Mass_is_faster_than_sgd_and_nesterov_diverges()
    {
        // sigma = 1, 1/32; batches of one: L1 = 6, kappa = 6144, statistical condition number 6.
        const double StepSize = 1.0 / 6;
        double nesterovMomentum = (Math.Sqrt(6144) - 1) / (Math.Sqrt(6144) + 1);
        double root = Math.Sqrt(6144 * 6);
        double[] sgd = Ratios(new SgdSpec { StepSize = new(StepSize) });
        double[] nesterov = Ratios(new NesterovSpec { StepSize = new(StepSize), Momentum = new(nesterovMomentum) });
        double[] mass = Ratios(
            new MassSpec
            {
                StepSize = new(StepSize),
                Momentum = new((root - 1) / (root + 1)),
                SecondaryStepSize = new(StepSize * root / (root + 1) * (1 - (1.0 / 6))),
            }
        );
        mass.ShouldAllBe(ratio => ratio < 1e-5);
        Median(mass).ShouldBeLessThan(1e-6);
        sgd.ShouldAllBe(ratio => ratio > 1e-5 && ratio < 1);
        nesterov.Count(ratio => !(ratio < 1)).ShouldBeGreaterThan(Replicas * 9 / 10);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    // Loss after the last step in units of that at w = 0.
    private static double[] Ratios(OptimizerSpec optimizer)
    {
        TrainingProblem problem = new()
        {
            Network = new Network([2, 1], [false], Activation.Identity, Loss.HalfSquaredError),
            Precision = Precision.Float64,
            Seed = 1907,
            Data = DecoupledData.Open(new DecoupledDataSpec(), 1907, Precision.Float64),
            Optimizer = optimizer,
            Batch = new BatchSpec { Size = 1, Order = BatchOrder.WithReplacement },
            InitialPoint = (_, parameters) => parameters.Clear(),
        };
        DataSet data = problem.Data.Training(0, 1);
        using IBackend cpu = BackendSelector.Open("cpu", 0);
        using IReplicas replicas = cpu.CreateReplicas(problem, 0, Replicas);
        double[] before = new double[Replicas];
        double[] after = new double[Replicas];
        replicas.LossAndAccuracy(data, before, []);
        replicas.Advance(Steps);
        replicas.LossAndAccuracy(data, after, []);
        return [.. after.Zip(before, (end, start) => end / start)];
    }
}
