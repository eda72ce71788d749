using Hesse.Backends;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Networks;

/// <summary>
/// Draws theta_0: element i of the flat order from element i of the Philox stream
/// <see cref="RandomStream.InitialParameters"/>, computed in double and rounded once to the training precision. fan-in and
/// fan-out of layer l are d_{l-1} and d_l, as in PyTorch.
/// </summary>
public static class InitialPoints
{
    /// <summary>Builds the initial point of a network specification.</summary>
    /// <param name="spec">The rule, its gain, and whether replicas share a point.</param>
    /// <param name="network">The net.</param>
    /// <param name="seed">Seed of the experiment.</param>
    /// <param name="precision">The training precision.</param>
    /// <exception cref="HesseException">The gain does not fit the layers, or the file of parameters is missing or does not fit.</exception>
    public static InitialPoint Create(NetworkSpec spec, Network network, ulong seed, Precision precision)
    {
        double[] gains = Gains(spec, network.Layers);
        bool shared = spec.SharedInitialization;
        return (replica, parameters) =>
        {
            uint counter = shared ? 0 : (uint)replica;
            for (int layer = 1; layer <= network.Layers; layer++)
            {
                int weights = network.WeightOffset(layer);
                int biases = network.BiasOffset(layer);
                int end = network.WeightOffset(layer + 1);
                int fanIn = network.Widths[layer - 1];
                int fanOut = network.Widths[layer];
                Span<double> drawn = parameters[weights..biases];
                Span<double> bias = parameters[biases..end];
                double gain = gains[layer - 1];
                switch (spec.Initialization)
                {
                    case Initialization.Pytorch:
                        // Weights and biases alike.
                        Uniform(1 / Math.Sqrt(fanIn), parameters[weights..end], seed, weights, counter);
                        break;
                    case Initialization.HeNormal:
                        Normal(gain / Math.Sqrt(fanIn), drawn, seed, weights, counter);
                        bias.Clear();
                        break;
                    case Initialization.HeUniform:
                        Uniform(gain * Math.Sqrt(3.0 / fanIn), drawn, seed, weights, counter);
                        bias.Clear();
                        break;
                    case Initialization.XavierNormal:
                        Normal(gain * Math.Sqrt(2.0 / ((double)fanIn + fanOut)), drawn, seed, weights, counter);
                        bias.Clear();
                        break;
                    case Initialization.XavierUniform:
                        Uniform(gain * Math.Sqrt(6.0 / ((double)fanIn + fanOut)), drawn, seed, weights, counter);
                        bias.Clear();
                        break;
                    default:
                        throw new HesseException(
                            ExitCode.BadData,
                            $"network.initialization {spec.Initialization} cannot be drawn"
                        );
                }
            }

            Round(parameters, precision);
        };
    }

    private static double[] Gains(NetworkSpec spec, int layers)
    {
        double[] gains = new double[layers];
        if (spec.Gain is null)
        {
            Array.Fill(
                gains,
                spec.Initialization is Initialization.HeNormal or Initialization.HeUniform ? Math.Sqrt(2) : 1
            );
            return gains;
        }

        if (spec.Gain.Count != 1 && spec.Gain.Count != layers)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"network.gain has {spec.Gain.Count} values for {layers} layers; give one, or one a layer"
            );
        }

        for (int layer = 0; layer < layers; layer++)
        {
            gains[layer] = spec.Gain[spec.Gain.Count == 1 ? 0 : layer];
        }

        return gains;
    }

    private static void Uniform(double bound, Span<double> values, ulong seed, int first, uint replica)
    {
        UniformDeviates.Fill(seed, (uint)first, 0, replica, RandomStream.InitialParameters, values);
        foreach (ref double value in values)
        {
            // 2 u - 1 is exact.
            value = bound * ((2 * value) - 1);
        }
    }

    private static void Normal(double deviation, Span<double> values, ulong seed, int first, uint replica)
    {
        NormalDeviates.Fill(seed, (uint)first, 0, replica, RandomStream.InitialParameters, values);
        foreach (ref double value in values)
        {
            value *= deviation;
        }
    }

    private static void Round(Span<double> values, Precision precision)
    {
        if (precision == Precision.Float32)
        {
            foreach (ref double value in values)
            {
                value = (float)value;
            }
        }
    }
}
