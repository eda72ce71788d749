using MathNet.Numerics.Distributions;

namespace Hesse.Statistics;

/// <summary>
/// A 95 % interval of a mean by the bias-corrected and accelerated bootstrap (BCa; Efron, Better bootstrap confidence intervals,
/// JASA 82, 1987): the quantiles Phi(z0 + (z0 + z) / (1 - a (z0 + z))) of the resampled means, z = -1.96 and 1.96, with
/// z0 = Phi^-1 of the share of resampled means below the mean (ties count half) and the acceleration of the mean,
/// a = sum (x_r - mean)^3 / (6 (sum (x_r - mean)^2)^(3/2)).
/// </summary>
/// <param name="Mean">Mean of the values.</param>
/// <param name="StandardError">sd / sqrt(n).</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct PairedInterval(double Mean, double StandardError, double Low, double High)
{
    private const double Level = 0.025;

    /// <summary>The interval of the mean of these values, all finite.</summary>
    /// <param name="values">(n)</param>
    /// <param name="seed">Seed of the resamples.</param>
    internal static PairedInterval Of(ReadOnlySpan<double> values, ulong seed)
    {
        int n = values.Length;
        if (n == 0)
        {
            return new PairedInterval(double.NaN, double.NaN, double.NaN, double.NaN);
        }

        double mean = MeanOf(values);
        (double second, double third) = CentralSums(values, mean);
        if (n == 1 || second == 0)
        {
            return new PairedInterval(mean, n == 1 ? double.NaN : 0, mean, mean);
        }

        double[] means = ResampledMeans(values, seed);
        double below = 0;
        foreach (double resampled in means)
        {
            below +=
                resampled < mean ? 1
                : resampled == mean ? 0.5
                : 0;
        }

        // Half a resample away from the ends, where the normal quantile is infinite.
        double share = Math.Clamp(below / means.Length, 0.5 / means.Length, 1 - (0.5 / means.Length));
        double bias = Normal.InvCDF(0, 1, share);
        double acceleration = third / (6 * Math.Pow(second, 1.5));
        return new PairedInterval(
            mean,
            Math.Sqrt(second / (n - 1) / n),
            ReplicaStatistics.Quantile(means, Adjusted(Normal.InvCDF(0, 1, Level))),
            ReplicaStatistics.Quantile(means, Adjusted(Normal.InvCDF(0, 1, 1 - Level)))
        );

        double Adjusted(double z)
        {
            double shifted = bias + z;
            double scale = 1 - (acceleration * shifted);
            // Beyond the pole the formula has no meaning; the extreme resample is all that is known.
            return scale > 0 ? Normal.CDF(0, 1, bias + (shifted / scale))
                : shifted > 0 ? 1
                : 0;
        }
    }

    /// <summary>Replicas with which the standard error falls to this share of the mean: (sd / (share mean))^2, rounded up.</summary>
    /// <param name="standardDeviation">sd</param>
    /// <param name="mean">Mean.</param>
    /// <param name="share">Relative error asked for.</param>
    /// <returns>NaN where the mean is 0.</returns>
    public static double ReplicasFor(double standardDeviation, double mean, double share)
    {
        double ratio = standardDeviation / (share * mean);
        return mean == 0 ? double.NaN : Math.Max(2, Math.Ceiling(ratio * ratio));
    }

    private static double[] ResampledMeans(ReadOnlySpan<double> values, ulong seed)
    {
        Bootstrap bootstrap = new(seed, values.Length);
        double[] means = new double[Bootstrap.Resamples];
        for (int b = 0; b < means.Length; b++)
        {
            ReadOnlySpan<ushort> counts = bootstrap.Counts(b);
            double sum = 0;
            for (int r = 0; r < values.Length; r++)
            {
                sum = Math.FusedMultiplyAdd(counts[r], values[r], sum);
            }

            means[b] = sum / values.Length;
        }

        Array.Sort(means);
        return means;
    }

    private static double MeanOf(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }

    private static (double Second, double Third) CentralSums(ReadOnlySpan<double> values, double mean)
    {
        double second = 0;
        double third = 0;
        foreach (double value in values)
        {
            double deviation = value - mean;
            second += deviation * deviation;
            third += deviation * deviation * deviation;
        }

        return (second, third);
    }
}
