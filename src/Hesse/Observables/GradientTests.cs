using System.Globalization;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// gradient-tests: the numbers by which adaptive samplers, learning-rate rules and stopping rules judge the gradients g_n of the single
/// losses. With g their mean, N samples and var_i = (sum_n g_ni^2 - N g_i^2) / (N-1), its parts are
/// <list type="bullet">
/// <item>norm: sqrt((sum ||g_n||^2 - N ||g||^2) / ((N-1) N ||g||^2)) (Byrd et al. 2012);</item>
/// <item>inner-product: sqrt((sum (g_n.g)^2 - N ||g||^4) / ((N-1) N ||g||^4)) and orthogonality:
/// sqrt(sum (||g_n||^2 - (g_n.g)^2 / ||g||^2) / ((N-1) N ||g||^2)) (Bollapragada et al. 2017); norm^2 is the sum of their squares;</item>
/// <item>gsnr: mean_i g_i^2 / (sum_n g_ni^2 / N - g_i^2 + 1e-5) (Liu et al. 2020);</item>
/// <item>tic-trace: (sum_ni g_ni^2 / N) / (tr H + 1e-7) and tic-diagonal: sum_i (sum_n g_ni^2 / N) / (H_ii + 1e-7) (Thomas et al. 2020);</item>
/// <item>eb-criterion: 1 - N mean_i g_i^2 / (var_i + 1e-5), evidence-based early stopping (Mahsereci et al. 2017);</item>
/// <item>cabs: step-size sum_i (sum_n g_ni^2 - N g_i^2) / (N L), the coupled adaptive batch size (Balles et al. 2017).</item>
/// </list>
/// The constants are Cockpit's (Schneider et al. 2021). One sample has no variance: norm, inner-product, orthogonality and
/// eb-criterion are then NaN.
/// </summary>
internal sealed class GradientTests : IQuantity
{
    private const double RatioOffset = 1e-5;
    private const double CurvatureOffset = 1e-7;

    private static readonly string[] s_parts =
    [
        "norm",
        "inner-product",
        "orthogonality",
        "gsnr",
        "tic-trace",
        "tic-diagonal",
        "eb-criterion",
        "cabs",
    ];

    private double _stepSize = 1;
    private int _samples;

    public string Name => "gradient-tests";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [s_parts.Length];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [.. s_parts.Select(part => new QuantityPart(part, []))];

    public long WorkSpace(Network network) => SampleGradients.Space(network, _samples) + (2L * network.ParameterCount);

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new GradientTests
        {
            _stepSize = double.Parse(options["step-size"], CultureInfo.InvariantCulture),
            _samples = _samples,
        };

    public IQuantity ForSamples(int samples, int? batch) =>
        new GradientTests { _stepSize = _stepSize, _samples = samples };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        SampleGradients gradients = new(snapshot);
        double[] loss = new double[snapshot.Replicas];
        double[] moments = new double[(long)snapshot.Replicas * p];
        double[] curvatures = new double[moments.Length];
        snapshot.Backend.Loss(snapshot.Points, loss);
        snapshot.Backend.SecondMomentDiagonal(snapshot.Points, moments);
        snapshot.Backend.HessianDiagonal(snapshot.Points, curvatures);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Span<double> own = values.Slice(r * s_parts.Length, s_parts.Length);
            int n = snapshot.Training.Samples;
            OfSamples(gradients.SquaredNorm(r), gradients.Norms(r), gradients.Products(r), own);
            OfCoordinates(gradients.Gradient(r), moments.AsSpan(r * p, p), curvatures.AsSpan(r * p, p), n, own);
            own[7] *= _stepSize / loss[r];
        }
    }

    // norm, inner-product, orthogonality
    private static void OfSamples(
        double square,
        ReadOnlySpan<double> norms,
        ReadOnlySpan<double> products,
        Span<double> own
    )
    {
        int n = norms.Length;
        double lengths = KrylovBasis.Dot(norms, norms);
        double along = KrylovBasis.Dot(products, products);
        if (n == 1)
        {
            own[..3].Fill(double.NaN);
            return;
        }

        double scale = (n - 1.0) * n * square;
        own[0] = Root((lengths - (n * square)) / scale);
        own[1] = Root((along - (n * square * square)) / (scale * square));
        own[2] = Root((lengths - (along / square)) / scale);
    }

    // gsnr, tic-trace, tic-diagonal, eb-criterion, and tr of the covariance with 1/N in the place of cabs
    private static void OfCoordinates(
        ReadOnlySpan<double> gradient,
        ReadOnlySpan<double> moments,
        ReadOnlySpan<double> curvatures,
        int samples,
        Span<double> own
    )
    {
        double ratios = 0;
        double trace = 0;
        double moment = 0;
        double diagonal = 0;
        double evidence = 0;
        double spread = 0;
        for (int i = 0; i < gradient.Length; i++)
        {
            double square = gradient[i] * gradient[i];
            double variance = Math.Max(0, moments[i] - square);
            ratios += square / (variance + RatioOffset);
            trace += curvatures[i];
            moment += moments[i];
            diagonal += moments[i] / (curvatures[i] + CurvatureOffset);
            evidence += square / ((variance * samples / (samples - 1.0)) + RatioOffset);
            spread += variance;
        }

        own[3] = ratios / gradient.Length;
        own[4] = moment / (trace + CurvatureOffset);
        own[5] = diagonal;
        own[6] = samples == 1 ? double.NaN : 1 - (samples * evidence / gradient.Length);
        own[7] = spread;
    }

    // Rounding may leave a vanishing variance below zero.
    private static double Root(double square) => Math.Sqrt(Math.Max(0, square));
}
