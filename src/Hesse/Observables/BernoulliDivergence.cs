namespace Hesse.Observables;

/// <summary>kl(p || q) = p ln(p/q) + (1-p) ln((1-p)/(1-q)), the divergence of two coins, and its inverse.</summary>
internal static class BernoulliDivergence
{
    // Halvings of an interval in [0, 1] until it is one number.
    private const int Halvings = 100;

    /// <summary>kl(p || q)</summary>
    public static double Of(double p, double q)
    {
        double heads = p > 0 ? p * Math.Log(p / q) : 0;
        double tails = p < 1 ? (1 - p) * Math.Log((1 - p) / (1 - q)) : 0;
        return heads + tails;
    }

    /// <summary>The largest q in [p, 1] with kl(p || q) at most a bound, by bisection; NaN where either is.</summary>
    public static double Inverse(double p, double bound)
    {
        if (double.IsNaN(p) || double.IsNaN(bound))
        {
            return double.NaN;
        }

        double low = p;
        double high = 1;
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (Of(p, middle) <= bound)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
