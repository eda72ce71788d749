using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Tests.Backends;

/// <summary>Generic nets and samples of many shapes: every activation, loss, depth and pattern of biases; no random numbers.</summary>
internal static class RandomProblems
{
    // Cycled through; small enough that whole Hessians stay cheap without hardware intrinsics.
    private static readonly int[] s_widths = [3, 2, 5, 1, 3, 1, 2, 5];

    /// <summary>One problem a depth 1 .. 5, with other widths, biases and numbers of samples each.</summary>
    public static IEnumerable<Points> Of(Activation activation, Loss loss, int replicas = 1)
    {
        for (int depth = 1; depth <= 5; depth++)
        {
            int kind = ((int)activation * 7) + ((int)loss * 3) + depth;
            int[] widths = new int[depth + 1];
            bool[] bias = new bool[depth];
            for (int l = 0; l <= depth; l++)
            {
                widths[l] = s_widths[(kind + (3 * l)) % s_widths.Length];
            }

            for (int l = 0; l < depth; l++)
            {
                bias[l] = (kind % 3) switch
                {
                    0 => true,
                    1 => false,
                    _ => l % 2 == 0,
                };
            }

            widths[depth] = loss == Loss.Logistic ? 1 : widths[depth];

            // 1 sample, as many as parameters, more than parameters: all happen.
            yield return Make(widths, bias, activation, loss, samples: 1 + (kind * 5 % 9), replicas, shift: 100 * kind);
        }
    }

    /// <summary>Widths around a register's: 1, 16, 17.</summary>
    public static IEnumerable<Points> Wide(Loss loss)
    {
        int outputs = loss == Loss.Logistic ? 1 : 3;
        yield return Make([1, 16, outputs], [true], Activation.Tanh, loss, 3, 1, 5);
        yield return Make([17, 2, outputs], [true, false], Activation.Softplus, loss, 16, 1, 6);
        yield return Make([2, 17, outputs], [false], Activation.Gelu, loss, 17, 1, 7);
        yield return Make([5, loss == Loss.Logistic ? 1 : 16], [true], Activation.Relu, loss, 2, 1, 8);
    }

    /// <summary>Replicas with parameters of their own, on shared or own data.</summary>
    public static Points Make(
        int[] widths,
        bool[] bias,
        Activation activation,
        Loss loss,
        int samples,
        int replicas,
        double shift,
        bool ownData = false
    )
    {
        Network network = new(widths, bias, activation, loss);
        double[] parameters = new double[replicas * network.ParameterCount];
        DataSet[] sets = new DataSet[ownData ? replicas : 1];
        for (int replica = 0; replica < replicas; replica++)
        {
            ReferenceCases
                .S(network.ParameterCount, 1 + shift + (1000 * replica), 0.8)
                .CopyTo(parameters, replica * network.ParameterCount);
        }

        for (int set = 0; set < sets.Length; set++)
        {
            sets[set] = ReferenceCases.DataFor(network, samples, shift + (1000 * set));
        }

        DataSet data = new(
            samples,
            network.InputWidth,
            network.OutputWidth,
            sets.Length,
            [.. sets.SelectMany(set => set.Inputs)],
            sets[0].Labels is null ? null : [.. sets.SelectMany(set => set.Labels!)],
            sets[0].Targets is null ? null : [.. sets.SelectMany(set => set.Targets!)]
        );
        return new Points(network, parameters, data, Precision.Float64);
    }

    /// <summary>Replica r alone, with its own data.</summary>
    public static Points Alone(Points points, int replica)
    {
        DataSet data = points.Data;
        if (data.Sets > 1)
        {
            data = new DataSet(
                data.Samples,
                data.Dimension,
                data.Outputs,
                1,
                data.InputsOf(replica).ToArray(),
                data.Labels is null ? null : data.LabelsOf(replica).ToArray(),
                data.Targets is null ? null : data.TargetsOf(replica).ToArray()
            );
        }

        return new Points(points.Network, points.ParametersOf(replica).ToArray(), data, points.Precision);
    }
}
