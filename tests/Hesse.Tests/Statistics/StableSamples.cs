using Hesse.Replicas;

namespace Hesse.Tests.Statistics;

/// <summary>Symmetric alpha-stable numbers (Chambers, Mallows, Stuck 1976).</summary>
internal static class StableSamples
{
    public static double[] Draw(double alpha, int count, uint replica)
    {
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
        {
            double u = Math.PI * (UniformDeviates.At(17, (uint)(2 * i), 0, replica, RandomStream.NormalSamples) - 0.5);
            double e = -Math.Log(UniformDeviates.At(17, (uint)((2 * i) + 1), 0, replica, RandomStream.NormalSamples));
            values[i] =
                Math.Sin(alpha * u)
                / Math.Pow(Math.Cos(u), 1 / alpha)
                * Math.Pow(Math.Cos((1 - alpha) * u) / e, (1 - alpha) / alpha);
        }

        return values;
    }
}
