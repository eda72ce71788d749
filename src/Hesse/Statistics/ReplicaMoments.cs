namespace Hesse.Statistics;

/// <summary>Count, mean and squared deviations of one number over some replicas. Values that are not finite are counted, not averaged in.</summary>
/// <param name="Count">n, the replicas with a finite value.</param>
/// <param name="Diverged">The replicas without one.</param>
/// <param name="Mean">m = (1/n) sum x_r; 0 for n = 0.</param>
/// <param name="Squares">Q = sum (x_r - m)^2</param>
internal readonly record struct ReplicaMoments(int Count, int Diverged, double Mean, double Squares)
{
    /// <summary>sqrt(Q / (n - 1)); NaN for n &lt; 2.</summary>
    public double StandardDeviation => Count < 2 ? double.NaN : Math.Sqrt(Squares / (Count - 1));

    /// <summary>
    /// In two passes. What rounding left in the mean is taken off both (Chan, Golub and LeVeque 1983), so that a common offset costs no
    /// digits of the deviations.
    /// </summary>
    public static ReplicaMoments Of(ReadOnlySpan<double> values)
    {
        int count = 0;
        double sum = 0;
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                count++;
                sum += value;
            }
        }

        if (count == 0)
        {
            return new ReplicaMoments(0, values.Length, 0, 0);
        }

        double mean = sum / count;
        double left = 0;
        double squares = 0;
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                double deviation = value - mean;
                left += deviation;
                squares += deviation * deviation;
            }
        }

        double correction = left / count;
        return new ReplicaMoments(
            count,
            values.Length - count,
            mean + correction,
            Math.Max(0, squares - (left * correction))
        );
    }

    /// <summary>
    /// Of these replicas and others together (Chan, Golub and LeVeque 1979): with d = m_b - m_a and n = n_a + n_b,
    /// m = m_a + d n_b / n and Q = Q_a + Q_b + d^2 n_a n_b / n.
    /// </summary>
    public ReplicaMoments And(ReplicaMoments other)
    {
        int diverged = Diverged + other.Diverged;
        if (Count == 0 || other.Count == 0)
        {
            ReplicaMoments one = Count == 0 ? other : this;
            return one with { Diverged = diverged };
        }

        int count = Count + other.Count;
        double apart = other.Mean - Mean;
        double share = (double)other.Count / count;
        return new ReplicaMoments(
            count,
            diverged,
            Mean + (apart * share),
            Squares + other.Squares + (apart * apart * share * Count)
        );
    }
}
