using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Tests.Observables;

/// <summary>Linear nets at weight 0 with targets -1, whose per-sample gradients are the inputs: noise of any law.</summary>
internal static class NoiseSamples
{
    /// <summary>Coordinates scale_j x with x from the law.</summary>
    public static Points Of(int samples, double[] scales, Func<int, double> law)
    {
        double[] inputs =
        [
            .. Enumerable.Range(0, samples * scales.Length).Select(i => scales[i % scales.Length] * law(i)),
        ];
        double[] targets = new double[samples];
        Array.Fill(targets, -1);
        Network network = new([scales.Length, 1], [false], Activation.Identity, Loss.HalfSquaredError);
        DataSet data = new(samples, scales.Length, 1, 1, inputs, null, targets);
        return new Points(network, new double[scales.Length], data, Precision.Float64);
    }

    public static double[] Normal(int count, uint replica)
    {
        double[] values = new double[count];
        NormalDeviates.Fill(31, 0, 0, replica, RandomStream.GaussNoise, values);
        return values;
    }
}
