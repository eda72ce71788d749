using Hesse.Networks;

namespace Hesse.Backends.Timings;

/// <summary>Times of one piece of work.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Precision">In which arithmetic.</param>
/// <param name="Seconds">Of each repeat, ascending; warm-up is not among them.</param>
/// <param name="Flops">Useful floating-point operations of a repeat; 0 where they are not counted.</param>
/// <param name="Bytes">Bytes of a device's memory that a repeat cannot but read or write; 0 where they are not counted.</param>
/// <param name="Items">Matrices, or replicas times steps, of a repeat; 0 for peaks.</param>
internal sealed record Timing(
    string Name,
    Precision Precision,
    IReadOnlyList<double> Seconds,
    double Flops,
    double Bytes,
    double Items
)
{
    /// <summary>The middle repeat.</summary>
    public double Median => Seconds[Seconds.Count / 2];

    /// <summary>First quartile.</summary>
    public double Low => Seconds[Seconds.Count / 4];

    /// <summary>Third quartile.</summary>
    public double High => Seconds[(3 * Seconds.Count) / 4];

    /// <summary>Does the work once to warm up, then as often as asked for.</summary>
    internal static Timing Measure(
        string name,
        Precision precision,
        int repeats,
        Func<double> once,
        double flops = 0,
        double bytes = 0,
        double items = 0
    )
    {
        once();
        double[] seconds = new double[repeats];
        for (int i = 0; i < repeats; i++)
        {
            seconds[i] = once();
        }

        Array.Sort(seconds);
        return new Timing(name, precision, seconds, flops, bytes, items);
    }
}
