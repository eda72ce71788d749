namespace Hesse.Statistics;

/// <summary>
/// The index alpha of a symmetric alpha-stable law from a sample (Mohammadi, Mohammadpour, Ogata 2015): a sum of m of its numbers is
/// distributed as m^(1/alpha) times one of them. 2 is the normal law, less means heavier tails. With Y_i the sums of m consecutive
/// numbers; 2^-52 is added to absolute values, as in the code of Simsekli et al. 2019, so that a zero has a logarithm.
/// </summary>
internal static class StableTailIndex
{
    private const double Offset = 2.220446049250313e-16;

    /// <summary>Corollary 2.4: ln m / (mean ln |Y_i| - mean ln |X_j|). NaN for m = 1.</summary>
    /// <param name="values">X, n m numbers.</param>
    /// <param name="m">Numbers of a sum, a divisor of their count.</param>
    public static double Mean(ReadOnlySpan<double> values, int m)
    {
        double single = 0;
        double sums = 0;
        for (int first = 0; first < values.Length; first += m)
        {
            double sum = 0;
            foreach (double x in values.Slice(first, m))
            {
                sum += x;
                single += Log(x);
            }

            sums += Log(sum);
        }

        return Index(m, (sums * m / values.Length) - (single / values.Length));
    }

    /// <summary>Corollary 2.2: ln m / (ln |Y|_(k) - ln |X|_(m k)), with the k-th smallest absolute value. NaN for m = 1.</summary>
    /// <param name="values">X, n m numbers.</param>
    /// <param name="m">Numbers of a sum, a divisor of their count.</param>
    /// <param name="k">1 .. n</param>
    public static double OrderStatistic(ReadOnlySpan<double> values, int m, int k)
    {
        double[] single = new double[values.Length];
        double[] sums = new double[values.Length / m];
        for (int i = 0; i < values.Length; i++)
        {
            single[i] = Math.Abs(values[i]);
            sums[i / m] += values[i];
        }

        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = Math.Abs(sums[i]);
        }

        Array.Sort(single);
        Array.Sort(sums);
        return Index(m, Log(sums[k - 1]) - Log(single[(m * k) - 1]));
    }

    /// <summary>The largest divisor of a count that is at most its square root: the m of the published application.</summary>
    public static int SumLength(long count)
    {
        int m = (int)Math.Sqrt(count);
        while (count % m != 0)
        {
            m--;
        }

        return m;
    }

    /// <summary>ln(|x| + 2^-52)</summary>
    internal static double Log(double x) => Math.Log(Math.Abs(x) + Offset);

    /// <summary>ln m / growth</summary>
    internal static double Index(int m, double growth) => m == 1 ? double.NaN : Math.Log(m) / growth;
}
