using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Observables;

namespace Hesse.Benchmarks;

/// <summary>Random nets and samples; random, because zeros and equal values flatter a processor.</summary>
internal static class DensePoints
{
    /// <summary>A relu net with biases and cross-entropy.</summary>
    public static Points Random(int[] widths, int samples, Precision precision)
    {
        Network network = new(widths, [true], Activation.Relu, Loss.CrossEntropy);
        Random random = new(1);
        double[] parameters = [.. Enumerable.Range(0, network.ParameterCount).Select(_ => random.NextDouble() - 0.5)];
        double[] inputs = [.. Enumerable.Range(0, samples * widths[0]).Select(_ => random.NextDouble() - 0.5)];
        int[] labels = [.. Enumerable.Range(0, samples).Select(_ => random.Next(widths[^1]))];
        DataSet data = new(samples, widths[0], widths[^1], 1, inputs, labels, null);
        return new(network, parameters, data, precision);
    }

    /// <summary>The first samples of these.</summary>
    public static Points First(Points points, int samples) =>
        new(
            points.Network,
            points.Parameters,
            Slices.ChooseRows(
                points.Data,
                [
                    [.. Enumerable.Range(0, samples)],
                ]
            ),
            points.Precision
        );

    /// <summary>4P + 8Q a sample and vector, P = sum d_{l-1} d_l, Q = P - d_0 d_1 (docs/numerics.md, 3).</summary>
    public static double ProductFlops(Network network)
    {
        double all = 0;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            all += (double)network.Widths[layer - 1] * network.Widths[layer];
        }

        return (4 * all) + (8 * (all - ((double)network.Widths[0] * network.Widths[1])));
    }
}
