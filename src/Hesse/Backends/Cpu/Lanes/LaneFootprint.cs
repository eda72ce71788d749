using Hesse.Networks;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>What a replica takes in a lane of <see cref="LaneProducts{V,T}"/>.</summary>
internal static class LaneFootprint
{
    /// <summary>
    /// Numbers of a replica beyond which one net at a time is faster: times 32 bytes (four doubles or eight floats) 640 KB, the size
    /// of a second-level cache, as for training.
    /// </summary>
    public const long Largest = 20_480;

    /// <summary>Whether a block of such replicas stays in the second-level cache.</summary>
    public static bool Fits(Network network, int samples)
    {
        long units = network.InputWidth + (3L * network.OutputWidth);
        for (int layer = 1; layer < network.Layers; layer++)
        {
            units += 5L * network.Widths[layer];
        }

        return (4L * network.ParameterCount) + (units * samples) <= Largest;
    }
}
