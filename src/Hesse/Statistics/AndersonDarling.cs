using MathNet.Numerics.Distributions;

namespace Hesse.Statistics;

/// <summary>
/// The Anderson-Darling test of normality, mean and variance estimated: with z_i = (x_(i) - m)/s,
/// A^2 = -n - (1/n) sum (2i-1) (ln Phi(z_i) + ln(1 - Phi(z_(n+1-i)))), and in the form whose critical values do not depend on n
/// A*^2 = A^2 (1 + 0.75/n + 2.25/n^2) (Stephens; D'Agostino and Stephens 1986, table 4.7).
/// </summary>
internal static class AndersonDarling
{
    // ln Phi(z) by its asymptotic series below: relative error 15 / z^6, while the tail itself leaves the range of double at -38.
    private const double Tail = -30;

    /// <summary>The value that A*^2 of normal samples exceeds with this probability: 0.1, 0.05, 0.025 or 0.01.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another probability.</exception>
    public static double Critical(double probability) =>
        probability switch
        {
            0.1 => 0.631,
            0.05 => 0.752,
            0.025 => 0.873,
            0.01 => 1.035,
            _ => throw new ArgumentOutOfRangeException(nameof(probability)),
        };

    /// <summary>A^2; NaN where the sample is constant or not finite.</summary>
    /// <param name="sorted">At least two numbers, ascending.</param>
    public static double Square(ReadOnlySpan<double> sorted)
    {
        SampleMoments moments = SampleMoments.Of(sorted);
        if (!(moments.Deviation > 0 && double.IsFinite(moments.Deviation)))
        {
            return double.NaN;
        }

        int n = sorted.Length;
        double sum = 0;
        for (int i = 0; i < n; i++)
        {
            double low = (sorted[i] - moments.Mean) / moments.Deviation;
            double high = (sorted[n - 1 - i] - moments.Mean) / moments.Deviation;
            sum += ((2.0 * i) + 1) * (LogNormal(low) + LogNormal(-high));
        }

        return -n - (sum / n);
    }

    /// <summary>A*^2 from A^2.</summary>
    public static double Adjusted(double square, int n) => square * (1 + (0.75 / n) + (2.25 / ((double)n * n)));

    // ln Phi(z); ln(1 - Phi(z)) = ln Phi(-z)
    private static double LogNormal(double z)
    {
        if (z >= Tail)
        {
            return Math.Log(Normal.CDF(0, 1, z));
        }

        double inverse = 1 / (z * z);
        double series = 1 - (inverse * (1 - (3 * inverse)));
        return (-0.5 * z * z) - Math.Log(-z * Math.Sqrt(2 * Math.PI)) + Math.Log(series);
    }
}
