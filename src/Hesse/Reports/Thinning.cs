namespace Hesse.Reports;

/// <summary>Which of many positions a chart shows. Both ends always.</summary>
internal static class Thinning
{
    /// <summary>At most so many of 0 .. count-1, evenly.</summary>
    public static int[] Even(int count, int most) =>
        count <= most
            ? [.. Enumerable.Range(0, count)]
            : [.. Enumerable.Range(0, most).Select(i => (int)((long)i * (count - 1) / (most - 1)))];

    /// <summary>The first <paramref name="dense"/> of 0 .. count-1, then geometrically spaced ones up to the last.</summary>
    public static int[] Geometric(int count, int dense, int most)
    {
        if (count <= most)
        {
            return [.. Enumerable.Range(0, count)];
        }

        SortedSet<int> kept = [.. Enumerable.Range(0, dense), count - 1];
        double ratio = Math.Pow((double)count / dense, 1.0 / (most - dense));
        double position = dense;
        for (int i = dense; i < most; i++, position *= ratio)
        {
            kept.Add(Math.Min(count - 1, (int)position));
        }

        return [.. kept];
    }
}
