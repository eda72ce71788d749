namespace Hesse.Statistics;

/// <summary>
/// The two-sample Kolmogorov-Smirnov test: D, the largest distance of the two empirical distribution functions, and the probability
/// of a larger one when both samples come from one distribution, Q((sqrt(e) + 0.12 + 0.11 / sqrt(e)) D) with e = n m / (n + m) and
/// Q(x) = 2 sum_{k >= 1} (-1)^(k-1) exp(-2 k^2 x^2) (Stephens, JRSS B 32, 1970). For independent samples only: replicas of the same
/// seed are pairs.
/// </summary>
/// <param name="Distance">D</param>
/// <param name="Probability">p</param>
public readonly record struct KolmogorovSmirnov(double Distance, double Probability)
{
    private const double Negligible = 1e-17;

    /// <summary>The test on two samples, which are sorted in place.</summary>
    internal static KolmogorovSmirnov Of(Span<double> first, Span<double> second)
    {
        if (first.IsEmpty || second.IsEmpty)
        {
            return new KolmogorovSmirnov(double.NaN, double.NaN);
        }

        first.Sort();
        second.Sort();
        double largest = 0;
        int i = 0;
        int j = 0;
        while (i < first.Length && j < second.Length)
        {
            double value = Math.Min(first[i], second[j]);
            while (i < first.Length && first[i] == value)
            {
                i++;
            }

            while (j < second.Length && second[j] == value)
            {
                j++;
            }

            largest = Math.Max(largest, Math.Abs(((double)i / first.Length) - ((double)j / second.Length)));
        }

        double root = Math.Sqrt((double)first.Length * second.Length / (first.Length + second.Length));
        return new KolmogorovSmirnov(largest, Tail((root + 0.12 + (0.11 / root)) * largest));
    }

    /// <summary>Q(x), the tail of Kolmogorov's distribution.</summary>
    internal static double Tail(double x)
    {
        // Below, the series alternates without falling, and Q is 1 to the last digit.
        const double Small = 0.2;
        if (x < Small)
        {
            return 1;
        }

        double sum = 0;
        for (int k = 1; ; k++)
        {
            double term = Math.Exp(-2.0 * k * k * x * x);
            sum += k % 2 == 1 ? term : -term;
            if (term < Negligible)
            {
                return Math.Clamp(2 * sum, 0, 1);
            }
        }
    }
}
