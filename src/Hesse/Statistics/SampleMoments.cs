namespace Hesse.Statistics;

/// <summary>Mean, spread and shape of a sample; sums in the order of the sample.</summary>
internal readonly record struct SampleMoments
{
    private SampleMoments(double mean, double deviation, double skewness, double excessKurtosis)
    {
        Mean = mean;
        Deviation = deviation;
        Skewness = skewness;
        ExcessKurtosis = excessKurtosis;
    }

    /// <summary>m = (1/n) sum x_i</summary>
    public double Mean { get; }

    /// <summary>s = sqrt(sum (x_i - m)^2 / (n - 1))</summary>
    public double Deviation { get; }

    /// <summary>m_3 / m_2^(3/2) with m_k = (1/n) sum (x_i - m)^k</summary>
    public double Skewness { get; }

    /// <summary>m_4 / m_2^2 - 3</summary>
    public double ExcessKurtosis { get; }

    /// <summary>Of at least one number.</summary>
    public static SampleMoments Of(ReadOnlySpan<double> values)
    {
        double mean = 0;
        foreach (double x in values)
        {
            mean += x;
        }

        mean /= values.Length;
        double second = 0;
        double third = 0;
        double fourth = 0;
        foreach (double x in values)
        {
            double d = x - mean;
            second += d * d;
            third += d * d * d;
            fourth += d * d * d * d;
        }

        double n = values.Length;
        double variance = second / n;
        return new SampleMoments(
            mean,
            Math.Sqrt(second / (n - 1)),
            third / n / (variance * Math.Sqrt(variance)),
            (fourth / n / (variance * variance)) - 3
        );
    }
}
