using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

/// <summary>
/// f(w) = (1/2) sum h_i w_i^2 from w = (1, ..., 1) as a net: one linear unit, full batches, rows sqrt(d h_i) e_i, targets 0.
/// </summary>
internal static class Quadratic
{
    /// <summary>Curvatures of the unit checks.</summary>
    public static readonly double[] Curvatures = [1, 10, 100];

    /// <summary>Both backends, by name.</summary>
    public static TheoryData<string> Backends => ["reference", "cpu"];

    /// <summary>w_0, w_1, ..., w_steps.</summary>
    public static double[][] Train(string backend, OptimizerSpec optimizer, int steps, params double[] curvatures)
    {
        int d = curvatures.Length;
        double[] inputs = new double[d * d];
        for (int i = 0; i < d; i++)
        {
            inputs[(i * d) + i] = Math.Sqrt(d * curvatures[i]);
        }

        TrainingProblem problem = new()
        {
            Network = new Network([d, 1], [false], Activation.Identity, Loss.HalfSquaredError),
            Precision = Precision.Float64,
            Seed = 1,
            Data = new MemoryData(new DataSet(d, d, 1, 1, inputs, null, new double[d])),
            Optimizer = optimizer,
            Batch = new BatchSpec { Order = BatchOrder.Full },
            InitialPoint = (_, parameters) => parameters.Fill(1),
        };
        using IBackend opened = BackendSelector.Open(backend, 1);
        using IReplicas replicas = opened.CreateReplicas(problem, 0, 1);
        double[][] path = new double[steps + 1][];
        for (int step = 0; step <= steps; step++)
        {
            path[step] = new double[d];
            replicas.CopyParameters(path[step]);
            replicas.Advance(step < steps ? 1 : 0);
        }

        return path;
    }

    /// <summary>The same path by a formula for one coordinate: (gradient, coordinate) -> its path.</summary>
    public static void ShouldFollow(
        this double[][] path,
        Func<double, IEnumerable<double>> coordinate,
        params double[] curvatures
    )
    {
        for (int i = 0; i < curvatures.Length; i++)
        {
            double[] expected = [.. coordinate(curvatures[i]).Take(path.Length)];
            for (int step = 0; step < path.Length; step++)
            {
                path[step][i].ShouldBe(expected[step], Tolerance(expected[step]), $"coordinate {i}, step {step}");
            }
        }
    }

    /// <summary>Rounding of some ten updates, relative to the larger of the number and the start, 1.</summary>
    public static double Tolerance(double expected) => 1e-12 * Math.Max(1, Math.Abs(expected));
}
