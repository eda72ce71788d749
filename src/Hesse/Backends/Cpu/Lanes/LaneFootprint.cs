using Hesse.Networks;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>What a replica takes in a lane of <see cref="LaneProducts{V,T}"/>.</summary>
internal static class LaneFootprint
{
    /// <summary>
    /// Numbers of a replica beyond which Lanczos' method is faster one net at a time: times 32 bytes (four doubles or eight floats)
    /// 640 KB, half of a second-level cache, whose other half is for the bases.
    /// </summary>
    public const long Largest = 20_480;

    /// <summary>The same for many vectors, after whose loading nothing but products is made: 1.5 MB, as for training.</summary>
    public const long LargestOfMany = 49_152;

    /// <summary>Whether a block of such replicas is fast.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    /// <param name="many">Whether many vectors are multiplied at each point, or one after the other as Lanczos' method asks for them.</param>
    public static bool Fits(Network network, int samples, bool many)
    {
        long units = network.InputWidth + (3L * network.OutputWidth);
        for (int layer = 1; layer < network.Layers; layer++)
        {
            units += 5L * network.Widths[layer];
        }

        return (4L * network.ParameterCount) + (units * samples) <= (many ? LargestOfMany : Largest);
    }
}
