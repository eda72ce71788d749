using MathNet.Numerics.Distributions;

namespace Hesse.Statistics;

/// <summary>Lilliefors' statistic: the largest distance between a sample's distribution function and that of the normal distribution with its mean and deviation (n - 1).</summary>
internal static class Lilliefors
{
    /// <summary>D = max_i max(i/n - Phi(z_i), Phi(z_i) - (i-1)/n)</summary>
    /// <param name="sorted">At least two numbers, ascending.</param>
    public static double Distance(ReadOnlySpan<double> sorted)
    {
        SampleMoments moments = SampleMoments.Of(sorted);
        double n = sorted.Length;
        double distance = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double phi = Normal.CDF(moments.Mean, moments.Deviation, sorted[i]);
            distance = Math.Max(distance, Math.Max(((i + 1) / n) - phi, phi - (i / n)));
        }

        return distance;
    }
}
