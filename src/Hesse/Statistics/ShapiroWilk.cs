using MathNet.Numerics.Distributions;

namespace Hesse.Statistics;

/// <summary>
/// The Shapiro-Wilk test of normality in Royston's approximation (AS R94, Applied Statistics 44, 1995) for samples of one size n,
/// 3 .. 5000. W = (sum a_i x_(i))^2 / sum (x_i - mean)^2 with weights a near those of the best linear estimate of the deviation; a
/// small p-value speaks against normality.
/// </summary>
internal sealed class ShapiroWilk
{
    /// <summary>The smallest sample.</summary>
    public const int Least = 3;

    /// <summary>The largest sample for which the p-value was fitted.</summary>
    public const int Most = 5000;

    private readonly double[] _weights; // of x_(n) - x_(1), x_(n-1) - x_(2), ...

    /// <summary>Computes the weights.</summary>
    /// <exception cref="ArgumentOutOfRangeException">n is not in 3 .. 5000.</exception>
    public ShapiroWilk(int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, Least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, Most);
        Size = n;
        _weights = Weights(n);
    }

    /// <summary>n</summary>
    public int Size { get; }

    /// <summary>W and its p-value; both NaN where the sample is constant or not finite.</summary>
    /// <param name="sorted">n numbers, ascending.</param>
    public (double W, double P) Of(ReadOnlySpan<double> sorted)
    {
        double range = sorted[^1] - sorted[0];
        if (!(range > 0 && double.IsFinite(range)))
        {
            return (double.NaN, double.NaN);
        }

        // Differences from the smallest, in units of the range: no digit is lost to the place and the size of the sample.
        double mean = 0;
        foreach (double x in sorted)
        {
            mean += (x - sorted[0]) / range;
        }

        mean /= Size;
        double squares = 0;
        foreach (double x in sorted)
        {
            double d = ((x - sorted[0]) / range) - mean;
            squares += d * d;
        }

        double sum = 0;
        double lengths = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            sum += _weights[i] * ((sorted[^(i + 1)] - sorted[i]) / range);
            lengths += 2 * _weights[i] * _weights[i];
        }

        // 1 - W without the cancellation of W = 1 - w.
        double root = Math.Sqrt(lengths * squares);
        double w = Math.Max(0, (root - sum) * (root + sum) / (lengths * squares));
        return (1 - w, Probability(w));
    }

    private static double[] Weights(int n)
    {
        int half = n / 2;
        if (n == Least)
        {
            return [Math.Sqrt(0.5)];
        }

        double[] m = new double[half];
        double squares = 0;
        for (int i = 0; i < half; i++)
        {
            m[i] = Normal.InvCDF(0, 1, (i + 1 - 0.375) / (n + 0.25));
            squares += 2 * m[i] * m[i];
        }

        double root = Math.Sqrt(squares);
        double u = 1 / Math.Sqrt(n);
        double[] a = new double[half];
        a[0] = Polynomial(u, [0, .221157, -.147981, -2.07119, 4.434685, -2.706056]) - (m[0] / root);
        int from = 1;
        double left = squares - (2 * m[0] * m[0]);
        double taken = 1 - (2 * a[0] * a[0]);
        if (n > 5)
        {
            a[1] = Polynomial(u, [0, .042981, -.293762, -1.752461, 5.682633, -3.582633]) - (m[1] / root);
            from = 2;
            left -= 2 * m[1] * m[1];
            taken -= 2 * a[1] * a[1];
        }

        double factor = Math.Sqrt(left / taken);
        for (int i = from; i < half; i++)
        {
            a[i] = -m[i] / factor;
        }

        return a;
    }

    // Of w = 1 - W.
    private double Probability(double w)
    {
        if (Size == Least)
        {
            return Math.Max(0, 6 / Math.PI * (Math.Asin(Math.Sqrt(1 - w)) - Math.Asin(Math.Sqrt(0.75))));
        }

        double y = Math.Log(w);
        double mean;
        double deviation;
        if (Size <= 11)
        {
            double bound = Polynomial(Size, [-2.273, .459]);
            if (y >= bound)
            {
                return 0;
            }

            y = -Math.Log(bound - y);
            mean = Polynomial(Size, [.544, -.39978, .025054, -6.714e-4]);
            deviation = Math.Exp(Polynomial(Size, [1.3822, -.77857, .062767, -.0020322]));
        }
        else
        {
            double size = Math.Log(Size);
            mean = Polynomial(size, [-1.5861, -.31082, -.083751, .0038915]);
            deviation = Math.Exp(Polynomial(size, [-.4803, -.082676, .0030302]));
        }

        return Normal.CDF(0, 1, (mean - y) / deviation);
    }

    private static double Polynomial(double x, ReadOnlySpan<double> coefficients)
    {
        double sum = 0;
        for (int i = coefficients.Length - 1; i >= 0; i--)
        {
            sum = (sum * x) + coefficients[i];
        }

        return sum;
    }
}
