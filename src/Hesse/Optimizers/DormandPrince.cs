namespace Hesse.Optimizers;

/// <summary>
/// The pair of Runge-Kutta methods of orders 5 and 4 with seven stages, the last at the new point (J. R. Dormand, P. J. Prince, A family of
/// embedded Runge-Kutta formulae, 1980). The step goes on with order 5; its distance to order 4 estimates the error.
/// </summary>
internal static class DormandPrince
{
    public const int Stages = 7;

    // Textbook bounds: a step changes by no more than these factors, and aims below the tolerance.
    private const double Least = 0.2;
    private const double Most = 5;
    private const double Aim = 0.9 * 0.9 * 0.9 * 0.9 * 0.9;

    private static readonly double[][] s_weights =
    [
        [],
        [1.0 / 5],
        [3.0 / 40, 9.0 / 40],
        [44.0 / 45, -56.0 / 15, 32.0 / 9],
        [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
        [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
        [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84],
    ];

    // Order 5 minus order 4.
    private static readonly double[] s_difference =
    [
        71.0 / 57600,
        0,
        -71.0 / 16695,
        71.0 / 1920,
        -17253.0 / 339200,
        22.0 / 525,
        -1.0 / 40,
    ];

    /// <summary>What the point of a stage takes of the slopes before it; for the last stage the method of order 5.</summary>
    public static double[] Weights(int stage) => s_weights[stage];

    /// <summary>
    /// How much longer the next step may be: the largest f of 5, 5 0.95, 5 0.95^2, ... down to 0.2 with error f^5 &lt;= 0.9^5; 0.2 where the
    /// error is no number. By multiplications, whose bits are the same everywhere.
    /// </summary>
    public static double Factor(double error)
    {
        double factor = Most;
        while (factor > Least && !(error * (factor * factor * factor * factor * factor) <= Aim))
        {
            factor *= 0.95;
        }

        return Math.Max(Least, factor);
    }

    /// <summary>
    /// Root mean square over the parameters of h |sum_j d_j slopes_j| / (tolerance (1 + max(|theta|, |next|))); at most 1 is right, NaN or infinity
    /// where a stage left the numbers.
    /// </summary>
    /// <param name="slopes">[stage] (R,P)</param>
    /// <param name="from">Where the replica begins.</param>
    /// <param name="theta">The point before the step. (P)</param>
    /// <param name="next">The point after it. (P)</param>
    /// <param name="step">h</param>
    /// <param name="tolerance">Absolute and relative.</param>
    public static double Error(
        double[][] slopes,
        int from,
        ReadOnlySpan<double> theta,
        ReadOnlySpan<double> next,
        double step,
        double tolerance
    )
    {
        double sum = 0;
        for (int i = 0; i < theta.Length; i++)
        {
            double difference = 0;
            for (int j = 0; j < Stages; j++)
            {
                difference += s_difference[j] * slopes[j][from + i];
            }

            double scale = tolerance * (1 + Math.Max(Math.Abs(theta[i]), Math.Abs(next[i])));
            sum += step * difference / scale * (step * difference / scale);
        }

        return Math.Sqrt(sum / theta.Length);
    }
}
