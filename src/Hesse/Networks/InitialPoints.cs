using Hesse.Backends;
using Hesse.Replicas;
using Hesse.Specs;
using Hesse.Stores;

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
        if (spec.Initialization == Initialization.Npy)
        {
            return FromFile(spec, network, precision);
        }

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
                    default:
                        // xavier-uniform
                        Uniform(gain * Math.Sqrt(6.0 / ((double)fanIn + fanOut)), drawn, seed, weights, counter);
                        bias.Clear();
                        break;
                }
            }

            Round(parameters, precision);
        };
    }

    /// <summary>Row r of a file (R,P), or the single row of (P) for all.</summary>
    private static InitialPoint FromFile(NetworkSpec spec, Network network, Precision precision)
    {
        string path =
            spec.InitialParameters
            ?? throw new HesseException(
                ExitCode.BadData,
                "network.initialization npy needs network.initial-parameters, a .npy file"
            );
        NpyArray file = NpyFile.Read(path);
        int p = network.ParameterCount;
        if (file.Shape.Count is not (1 or 2) || file.Shape[^1] != p)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{path}: has shape {NpyHeader.Format(file.Shape)}; the network needs ({p},) or (replicas, {p})"
            );
        }

        double[] points = file.ToDoubles();
        int bad = Array.FindIndex(points, v => !double.IsFinite(v));
        if (bad >= 0)
        {
            throw new HesseException(ExitCode.BadData, $"{path}: parameter {bad % p} of row {bad / p} is not finite");
        }

        long rows = file.Shape.Count == 1 ? 1 : file.Shape[0];
        bool single = spec.SharedInitialization || file.Shape.Count == 1;
        return (replica, parameters) =>
        {
            int row = single ? 0 : replica;
            if (row >= rows)
            {
                throw new HesseException(
                    ExitCode.BadData,
                    $"{path}: holds {rows} initial points, replica {replica} has none"
                );
            }

            points.AsSpan(row * p, p).CopyTo(parameters);
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
