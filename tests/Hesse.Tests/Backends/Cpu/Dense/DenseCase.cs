using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Tests.Backends.Cpu.Dense;

/// <summary>Random nets and samples for the tests of the one-net-at-a-time half of the CPU backend.</summary>
internal static class DenseCase
{
    public static readonly Activation[] Activations = Enum.GetValues<Activation>();

    public static readonly Loss[] Losses = [Loss.CrossEntropy, Loss.Mse, Loss.HalfSquaredError, Loss.Logistic];

    /// <summary>One to five layers, narrow and wide, awkward bias patterns.</summary>
    public static IEnumerable<(int[] Widths, bool[] Bias)> Shapes(Loss loss)
    {
        int c = loss == Loss.Logistic ? 1 : 3;
        yield return ([4, c], [true]);
        yield return ([5, c], [false]);
        yield return ([3, 7, c], [true]);
        yield return ([2, 5, 4, c], [false, true, false]);
        yield return ([17, 6, 3, c], [true, false, true]);
        yield return ([3, 4, 1, 5, c], [true]);
        yield return ([2, 3, 4, 3, 2, c], [true, true, false, true, true]);
    }

    public static Points Random(int[] widths, bool[] bias, Activation activation, Loss loss, int samples, int seed = 1)
    {
        Network network = new(widths, bias, activation, loss);
        Random random = new(seed);
        int c = network.OutputWidth;
        double[] parameters = Values(random, network.ParameterCount, 1);
        double[] inputs = Values(random, samples * network.InputWidth, 2);
        int[] labels = [.. Enumerable.Range(0, samples).Select(_ => random.Next(loss == Loss.Logistic ? 2 : c))];
        double[]? targets = loss is Loss.Mse or Loss.HalfSquaredError ? Values(random, samples * c, 1) : null;
        DataSet data = new(samples, network.InputWidth, c, 1, inputs, labels, targets);
        return new(network, parameters, data, Precision.Float64);
    }

    public static Points At(Points points, double[] parameters) =>
        new(points.Network, parameters, points.Data, points.Precision);

    private static double[] Values(Random random, int count, double scale)
    {
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = scale * ((2 * random.NextDouble()) - 1);
        }

        return values;
    }
}
