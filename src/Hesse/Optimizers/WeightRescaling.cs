using Hesse.Networks;

namespace Hesse.Optimizers;

/// <summary>
/// WRS: W_l &lt;- W_l / ||W_l||_F after every update, for every layer; biases and the rule's state stay as they are. A matrix whose
/// norm is 0 or not finite stays as it is, so that a diverged replica shows itself.
/// Z. Liu, Y. Cui, J. Wan, Y. Mao, A. B. Chan, Weight Rescaling, arXiv 2102.03497.
/// </summary>
internal static class WeightRescaling
{
    /// <summary>Scales the weight matrices of one parameter vector (P).</summary>
    public static void Run(Network network, Span<double> parameters)
    {
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            Span<double> weights = parameters[network.WeightOffset(layer)..network.BiasOffset(layer)];
            double sum = 0;
            foreach (double weight in weights)
            {
                sum += weight * weight;
            }

            double norm = Math.Sqrt(sum);
            double divisor = norm > 0 && double.IsFinite(norm) ? norm : 1;
            foreach (ref double weight in weights)
            {
                weight /= divisor;
            }
        }
    }
}
