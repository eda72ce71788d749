namespace Hesse.Statistics;

/// <summary>Hill's estimate of the exponent alpha of a tail P(|X| > x) ~ x^-alpha (Hill 1975).</summary>
internal static class HillEstimator
{
    /// <summary>k / sum_{i=1..k} ln(|x|_(i) / |x|_(k+1)), absolute values descending.</summary>
    /// <param name="sorted">Absolute values, ascending, more than k.</param>
    /// <param name="k">Numbers of the tail.</param>
    public static double Of(ReadOnlySpan<double> sorted, int k)
    {
        double threshold = sorted[^(k + 1)];
        double sum = 0;
        for (int i = 1; i <= k; i++)
        {
            sum += Math.Log(sorted[^i] / threshold);
        }

        return k / sum;
    }
}
