namespace Hesse.Statistics;

/// <summary>Tests of normality by skewness S and excess kurtosis K, population forms. The p-value of both is exp(-statistic / 2): chi-square, 2 degrees of freedom.</summary>
internal static class MomentTests
{
    /// <summary>Jarque and Bera 1980: n/6 (S^2 + K^2/4).</summary>
    public static double JarqueBera(ReadOnlySpan<double> values)
    {
        SampleMoments moments = SampleMoments.Of(values);
        return values.Length
            / 6.0
            * ((moments.Skewness * moments.Skewness) + (moments.ExcessKurtosis * moments.ExcessKurtosis / 4));
    }

    /// <summary>D'Agostino and Pearson 1973: Z(S)^2 + Z(K)^2, each brought near the normal distribution. At least 8 numbers.</summary>
    public static double DAgostino(ReadOnlySpan<double> values)
    {
        SampleMoments moments = SampleMoments.Of(values);
        double skewness = SkewnessScore(moments.Skewness, values.Length);
        double kurtosis = KurtosisScore(moments.ExcessKurtosis + 3, values.Length);
        return (skewness * skewness) + (kurtosis * kurtosis);
    }

    /// <summary>exp(-statistic / 2)</summary>
    public static double Probability(double statistic) => Math.Exp(-statistic / 2);

    // D'Agostino 1970
    private static double SkewnessScore(double skewness, double n)
    {
        double y = skewness * Math.Sqrt((n + 1) * (n + 3) / (6 * (n - 2)));
        double beta = 3 * ((n * n) + (27 * n) - 70) * (n + 1) * (n + 3) / ((n - 2) * (n + 5) * (n + 7) * (n + 9));
        double w = Math.Sqrt(2 * (beta - 1)) - 1;
        return Math.Asinh(y / Math.Sqrt(2 / (w - 1))) / Math.Sqrt(0.5 * Math.Log(w));
    }

    // Anscombe and Glynn 1983
    private static double KurtosisScore(double kurtosis, double n)
    {
        double expected = 3 * (n - 1) / (n + 1);
        double variance = 24 * n * (n - 2) * (n - 3) / ((n + 1) * (n + 1) * (n + 3) * (n + 5));
        double x = (kurtosis - expected) / Math.Sqrt(variance);
        double skew =
            6
            * ((n * n) - (5 * n) + 2)
            / ((n + 7) * (n + 9))
            * Math.Sqrt(6 * (n + 3) * (n + 5) / (n * (n - 2) * (n - 3)));
        double a = 6 + (8 / skew * ((2 / skew) + Math.Sqrt(1 + (4 / (skew * skew)))));
        double below = 1 + (x * Math.Sqrt(2 / (a - 4)));
        return (1 - (2 / (9 * a)) - Math.Cbrt((1 - (2 / a)) / below)) / Math.Sqrt(2 / (9 * a));
    }
}
