using Hesse.Backends.Reference;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Backends.SelfTests;

/// <summary>Every operation and every order of mini-batches against the reference backend, in both precisions.</summary>
internal static class Parity
{
    // Sums in another order, and elementary functions a few ulp off, through three layers and an eigensolver.
    private const double DoublePrecision = 1e-12;

    // 2^-24 = 6e-8 a rounding, on the same way. Arithmetic with ten bits (TF32) does not pass.
    private const double SinglePrecision = 5e-6;

    // Seven updates carry the same rounding on.
    private const double SinglePrecisionTraining = 2e-5;

    private const int Replicas = 3;
    private const int Vectors = 2;

    private delegate void Ask(IBackend backend, Points points, double[] results);

    // Each operation with the numbers that it gives for one replica of P parameters and N samples.
    private static readonly (string Name, Func<int, int, int> Length, Ask Ask)[] s_operations =
    [
        ("loss", (_, _) => 1, (backend, points, results) => backend.Loss(points, results)),
        ("logits", (_, n) => n * Outputs, (backend, points, results) => backend.Logits(points, results)),
        ("gradient", (p, _) => p, (backend, points, results) => backend.Gradient(points, results)),
        (
            "per-sample gradients",
            (p, n) => n * p,
            (backend, points, results) => backend.PerSampleGradients(points, results)
        ),
        (
            "per-sample gradient norms",
            (_, n) => n,
            (backend, points, results) => backend.PerSampleGradientNorms(points, results)
        ),
        (
            "per-sample gradient projections",
            (_, n) => n * Vectors,
            (backend, points, results) => backend.PerSampleGradientProjections(points, Directions(points), results)
        ),
        ("Gram matrix", (_, n) => n * n, (backend, points, results) => backend.Gram(points, results)),
        (
            "Hessian-vector products",
            (p, _) => Vectors * p,
            (backend, points, results) => backend.HessianVectorProducts(points, Directions(points), results)
        ),
        (
            "Gauss-Newton-vector products",
            (p, _) => Vectors * p,
            (backend, points, results) => backend.GgnVectorProducts(points, Directions(points), results)
        ),
        ("Hessian", (p, _) => p * p, (backend, points, results) => backend.Hessian(points, results)),
        ("Gauss-Newton matrix", (p, _) => p * p, (backend, points, results) => backend.Ggn(points, results)),
        ("Hessian diagonal", (p, _) => p, (backend, points, results) => backend.HessianDiagonal(points, results)),
        ("Hessian spectrum", (p, _) => p, (backend, points, results) => backend.HessianSpectrum(points, results)),
        ("Gauss-Newton spectrum", (p, _) => p, (backend, points, results) => backend.GgnSpectrum(points, results)),
        ("layer spectra", (p, _) => p, (backend, points, results) => backend.LayerSpectra(points, results)),
        ("residual spectrum", (p, _) => p, (backend, points, results) => backend.ResidualSpectrum(points, results)),
        ("Frobenius norm", (_, _) => 1, (backend, points, results) => backend.FrobeniusNorm(points, results)),
        (
            "second-moment spectrum",
            Math.Min,
            (backend, points, results) => backend.SecondMomentSpectrum(points, results)
        ),
        (
            "second-moment diagonal",
            (p, _) => p,
            (backend, points, results) => backend.SecondMomentDiagonal(points, results)
        ),
        (
            "gradient-covariance spectrum",
            Math.Min,
            (backend, points, results) => backend.GradientCovarianceSpectrum(points, results)
        ),
        (
            "covariance-curvature trace",
            (_, _) => 1,
            (backend, points, results) => backend.CovarianceCurvatureTrace(points, results)
        ),
        ("extreme eigenvalues of the Hessian", (_, _) => Pairs, HessianEigenvalues),
        ("largest eigenvalues of the second moment", (_, _) => Pairs, SecondMomentEigenvalues),
        ("Lanczos quadrature, two moments", (_, _) => 2 * Probes, QuadratureMoments),
    ];

    private const int Outputs = 3;
    private const int Pairs = 3;
    private const int Probes = 2;

    public static IEnumerable<SelfTestResult> Results(IBackend backend)
    {
        using ReferenceBackend reference = new();
        foreach (Precision precision in new[] { Precision.Float64, Precision.Float32 })
        {
            string kind = precision == Precision.Float64 ? "float64" : "float32";
            double tolerance = precision == Precision.Float64 ? DoublePrecision : SinglePrecision;
            Points[] problems = [.. Problems(precision)];
            foreach ((string name, Func<int, int, int> length, Ask ask) in s_operations)
            {
                double error = 0;
                foreach (Points points in problems)
                {
                    int size = Replicas * length(points.Network.ParameterCount, points.Samples);
                    double[] found = ClosedForms.Answer(size, results => ask(backend, points, results));
                    double[] expected = ClosedForms.Answer(size, results => ask(reference, points, results));
                    // Math.Max keeps a NaN.
                    error = Math.Max(error, SelfTest.Error(found, expected));
                }

                yield return new SelfTestResult("reference backend", $"{name}, {kind}", error, tolerance);
            }

            foreach (BatchOrder order in Enum.GetValues<BatchOrder>())
            {
                TrainingProblem problem = Training(order, precision);
                yield return new SelfTestResult(
                    "reference backend",
                    $"seven updates, batches {OrderName(order)}, {kind}",
                    SelfTest.Error(Train(backend, problem), Train(reference, problem)),
                    precision == Precision.Float64 ? DoublePrecision : SinglePrecisionTraining
                );
            }
        }
    }

    private static string OrderName(BatchOrder order) =>
        order switch
        {
            BatchOrder.WithReplacement => "drawn with replacement",
            BatchOrder.Epochs => "by epochs",
            BatchOrder.Sequential => "in sequence",
            _ => "of all samples",
        };

    // Two directions, the same for all replicas.
    private static double[] Directions(Points points) => ReferenceCases.S(Vectors * points.Network.ParameterCount, 41);

    // Of rows of eigenvalue, residual, iterations, converged and vector, which is determined up to its sign.
    private static void HessianEigenvalues(IBackend backend, Points points, double[] results)
    {
        int row = 4 + points.Network.ParameterCount;
        EigenpairRequest request = new()
        {
            Largest = Pairs - 1,
            Smallest = 1,
            Tolerance = 1e-9,
            Seed = 1,
            Step = 0,
            ReplicaNumbers = [.. Enumerable.Range(0, points.Replicas)],
        };
        FirstOfRows(row, results, pairs => backend.HessianEigenpairs(points, request, pairs));
    }

    private static void SecondMomentEigenvalues(IBackend backend, Points points, double[] results) =>
        FirstOfRows(
            1 + points.Network.ParameterCount,
            results,
            pairs => backend.SecondMomentEigenpairs(points, Pairs, pairs)
        );

    private static void FirstOfRows(int row, double[] results, Action<double[]> operation)
    {
        double[] rows = ClosedForms.Answer(results.Length * row, operation);
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = rows[i * row];
        }
    }

    // sum w theta and sum w theta^2 of each probe; nodes alone are ill-conditioned where weights are small.
    private static void QuadratureMoments(IBackend backend, Points points, double[] results)
    {
        const int Iterations = 4;
        QuadratureRequest request = new()
        {
            Probes = Probes,
            Iterations = Iterations,
            Seed = 1,
            Step = 0,
            ReplicaNumbers = [.. Enumerable.Range(0, points.Replicas)],
        };
        double[] rules = ClosedForms.Answer(
            points.Replicas * 2 * Probes * Iterations,
            found => backend.LanczosQuadrature(points, request, found)
        );
        Array.Clear(results);
        for (int i = 0; i < points.Replicas * Probes * Iterations; i++)
        {
            (int replica, int inner) = (i / (Probes * Iterations), i % (Probes * Iterations));
            int at = (replica * 2 * Probes * Iterations) + inner;
            (double node, double weight) = (rules[at], rules[at + (Probes * Iterations)]);
            int probe = (replica * 2 * Probes) + (2 * (inner / Iterations));
            results[probe] += weight * node;
            results[probe + 1] += weight * node * node;
        }
    }

    // Every activation once, with losses, depths and patterns of biases in turn.
    private static IEnumerable<Points> Problems(Precision precision)
    {
        Loss[] losses = [Loss.CrossEntropy, Loss.Mse, Loss.HalfSquaredError];
        int at = 0;
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            int[] widths = at % 2 == 0 ? [7, 5, Outputs] : [4, 6, 3, Outputs];
            Network network = new(widths, [at % 3 != 0], activation, losses[at % losses.Length]);
            double[] parameters =
            [
                .. Enumerable
                    .Range(0, Replicas)
                    .SelectMany(replica => ReferenceCases.S(network.ParameterCount, 1 + (1000 * replica), 0.8)),
            ];
            DataSet data = ReferenceCases.DataFor(network, samples: 9 + at, shift: 100 * at);
            at++;
            yield return new Points(network, Rounded(parameters), Rounded(data), precision);
        }
    }

    // Both precisions begin with the same numbers.
    private static double[] Rounded(double[] values) => Array.ConvertAll(values, value => (double)(float)value);

    private static DataSet Rounded(DataSet data) =>
        new(
            data.Samples,
            data.Dimension,
            data.Outputs,
            data.Sets,
            Rounded(data.Inputs),
            data.Labels,
            data.Targets is null ? null : Rounded(data.Targets)
        );

    private static TrainingProblem Training(BatchOrder order, Precision precision)
    {
        Network network = new([11, 9, 5, Outputs], [true, false, true], Activation.Relu, Loss.CrossEntropy);
        return new TrainingProblem
        {
            Network = network,
            Precision = precision,
            Seed = 99,
            Data = new MemoryData(Rounded(ReferenceCases.DataFor(network, samples: 23))),
            Optimizer = new SgdSpec { StepSize = new Schedule(0.1), WeightDecay = new Schedule(0.01) },
            Batch = new BatchSpec { Order = order, Size = order == BatchOrder.Full ? null : 5 },
            InitialPoint = (replica, parameters) =>
                Rounded(ReferenceCases.S(network.ParameterCount, 1 + (1000 * replica), 0.5)).CopyTo(parameters),
        };
    }

    private static double[] Train(IBackend backend, TrainingProblem problem)
    {
        const int Updates = 7;
        using IReplicas replicas = backend.CreateReplicas(problem, first: 2, Replicas);
        replicas.Advance(Updates);
        return ClosedForms.Answer(
            Replicas * problem.Network.ParameterCount,
            results => replicas.CopyParameters(results)
        );
    }
}
