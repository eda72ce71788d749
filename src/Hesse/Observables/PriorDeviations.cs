using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// Deviations sigma_j of a prior N(theta_0, diag(sigma^2)). Isotropic: sigma for all. Anisotropic: sigma times the root mean square of
/// theta_0 over the weight matrix or the bias vector to which j belongs; where the biases are 0, times the product over the layers
/// up to theirs of the root mean square of the weights times the root of the fan-in. Either grows with a layer whose weights and biases
/// are scaled up, as the initial point does, so the prior follows every rescaling that leaves a relu net's function as it is.
/// </summary>
internal static class PriorDeviations
{
    /// <summary>sigma_j. (P)</summary>
    /// <param name="network">The net.</param>
    /// <param name="start">theta_0 (P)</param>
    /// <param name="sigma">sigma</param>
    /// <param name="anisotropic">Whether each matrix and bias vector has a deviation of its own.</param>
    public static double[] Of(Network network, ReadOnlySpan<double> start, double sigma, bool anisotropic)
    {
        double[] deviations = new double[start.Length];
        Array.Fill(deviations, sigma);
        if (!anisotropic)
        {
            return deviations;
        }

        double reach = 1;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            int weights = network.WeightOffset(layer);
            int biases = network.BiasOffset(layer);
            int end = network.WeightOffset(layer + 1);
            double size = RootMeanSquare(start[weights..biases]);
            size = size > 0 ? size : 1;
            reach *= size * Math.Sqrt(network.Widths[layer - 1]);
            deviations.AsSpan(weights, biases - weights).Fill(sigma * size);
            if (end > biases)
            {
                double offset = RootMeanSquare(start[biases..end]);
                deviations.AsSpan(biases, end - biases).Fill(sigma * (offset > 0 ? offset : reach));
            }
        }

        return deviations;
    }

    private static double RootMeanSquare(ReadOnlySpan<double> values)
    {
        double squares = 0;
        foreach (double value in values)
        {
            squares = Math.FusedMultiplyAdd(value, value, squares);
        }

        return Math.Sqrt(squares / values.Length);
    }
}
