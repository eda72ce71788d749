using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// noise-scale: the simple gradient-noise scale B = tr Sigma / ||g||^2 with the unbiased covariance Sigma (1/(N-1)) of the gradients of
/// the single losses (McCandlish et al. 2018). Parts: standard-error, of B by the jackknife over samples; covariance-trace,
/// tr Sigma; squared-gradient, the unbiased |G|^2 = ||g||^2 - tr Sigma / N, and squared-gradient-standard-error by the jackknife;
/// unbiased, tr Sigma / |G|^2; state, 1, or 0 where |G|^2 is not positive: there is then no telling the gradient from its noise,
/// and unbiased is NaN. (The jackknife of unbiased would be a mean over a pole wherever the noise matters.)
/// </summary>
internal sealed class NoiseScale : IQuantity
{
    private static readonly string?[] s_parts =
    [
        null,
        "standard-error",
        "unbiased",
        "covariance-trace",
        "squared-gradient",
        "squared-gradient-standard-error",
        "state",
    ];

    private int _samples;

    public string Name => "noise-scale";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [.. s_parts.Select(part => new QuantityPart(part, []))];

    public long WorkSpace(Network network) => SampleGradients.Space(network, _samples) + (2L * _samples);

    public IQuantity ForSamples(int samples, int? batch) => new NoiseScale { _samples = samples };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        SampleGradients gradients = new(snapshot);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Of(
                gradients.SquaredNorm(r),
                gradients.Norms(r),
                gradients.Products(r),
                values.Slice(r * s_parts.Length, s_parts.Length)
            );
        }
    }

    // With s = N g: sum ||g_n||^2 and ||s||^2 without sample n are sum - ||g_n||^2 and ||s||^2 - 2 <g_n,s> + ||g_n||^2.
    private static void Of(double square, ReadOnlySpan<double> norms, ReadOnlySpan<double> products, Span<double> own)
    {
        int n = norms.Length;
        double lengths = KrylovBasis.Dot(norms, norms);
        double total = (double)n * n * square;
        Estimate all = new(n, lengths, total);
        double[] biased = new double[n];
        double[] squares = new double[n];
        for (int i = 0; i < n; i++)
        {
            double length = norms[i] * norms[i];
            Estimate without = new(n - 1, lengths - length, total - (2 * n * products[i]) + length);
            biased[i] = without.Biased;
            squares[i] = without.SquaredGradient;
        }

        own[0] = all.Biased;
        own[1] = Jackknife(biased);
        own[2] = all.SquaredGradient > 0 ? all.Trace / all.SquaredGradient : double.NaN;
        own[3] = all.Trace;
        own[4] = all.SquaredGradient;
        own[5] = Jackknife(squares);
        own[6] = all.SquaredGradient > 0 ? 1 : 0;
    }

    /// <summary>sqrt((N-1)/N sum (x_n - mean)^2)</summary>
    private static double Jackknife(ReadOnlySpan<double> values)
    {
        double mean = 0;
        foreach (double x in values)
        {
            mean += x / values.Length;
        }

        double squares = 0;
        foreach (double x in values)
        {
            squares += (x - mean) * (x - mean);
        }

        return Math.Sqrt(squares * (values.Length - 1) / values.Length);
    }

    // From the sum of ||g_n||^2 and the squared norm of the sum of g_n.
    private readonly struct Estimate(int samples, double lengths, double total)
    {
        private double Square => total / ((double)samples * samples);

        public double Trace => (lengths - (samples * Square)) / (samples - 1);

        public double SquaredGradient => Square - (Trace / samples);

        public double Biased => Trace / Square;
    }
}
