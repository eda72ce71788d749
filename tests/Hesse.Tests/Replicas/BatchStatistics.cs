namespace Hesse.Tests.Replicas;

/// <summary>Chi-square of counts that should be equal, in standard deviations from its mean.</summary>
internal static class BatchStatistics
{
    public static double StandardScore(IReadOnlyCollection<int> counts)
    {
        double expected = counts.Average();
        double chiSquare = counts.Sum(count => (count - expected) * (count - expected) / expected);
        int freedom = counts.Count - 1;
        return (chiSquare - freedom) / Math.Sqrt(2.0 * freedom);
    }
}
