namespace Hesse.Optimizers;

/// <summary>
/// Stochastic gradient descent. With the gradient g of the mean loss over the mini-batch, step size eta and weight decay lambda
/// d = g + lambda theta,  theta &lt;- theta - eta d,
/// each line one fused multiply-add. No state. eta and lambda are schedules, read at the number of updates made so far.
/// </summary>
public static class Sgd
{
    /// <summary>One update of one parameter.</summary>
    /// <param name="parameter">theta</param>
    /// <param name="gradient">g</param>
    /// <param name="stepSize">eta</param>
    /// <param name="weightDecay">lambda</param>
    /// <returns>The new theta.</returns>
    public static double Update(double parameter, double gradient, double stepSize, double weightDecay)
    {
        double direction = Math.FusedMultiplyAdd(weightDecay, parameter, gradient);
        return Math.FusedMultiplyAdd(-stepSize, direction, parameter);
    }
}
