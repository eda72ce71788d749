using System.Globalization;
using Hesse.Statistics;

namespace Hesse.Reports;

/// <summary>The quantile bands of a chart: the spec's levels where they pair up around the median, else 5-95 and 25-75 %.</summary>
internal sealed class Bands
{
    private const double Median = 0.5;
    private const double Exact = 1e-9;
    private const int MostPairs = 2;

    /// <summary>Chooses levels.</summary>
    /// <param name="asked">statistics.quantiles of the spec.</param>
    public Bands(IReadOnlyList<double> asked)
    {
        (double Low, double High)[] pairs = [.. PairsOf(asked)];
        if (pairs.Length == 0)
        {
            pairs = [.. PairsOf([0.05, 0.25, 0.75, 0.95])];
        }

        // Outermost and innermost: a third band hides more than it shows.
        Pairs = pairs.Length > MostPairs ? [pairs[0], pairs[^1]] : pairs;
        Levels = [.. Pairs.SelectMany(pair => new[] { pair.Low, pair.High }).Append(Median).Order()];
    }

    /// <summary>Lower and upper level of each band, the widest first.</summary>
    public IReadOnlyList<(double Low, double High)> Pairs { get; }

    /// <summary>All levels, ascending, the median included.</summary>
    public IReadOnlyList<double> Levels { get; }

    /// <summary>Columns of a table that holds distributions: n, diverged, mean, sd and the quantiles.</summary>
    public IReadOnlyList<string> Columns => ["n", "diverged", "mean", "sd", .. Levels.Select(Column)];

    /// <summary>Column of the median.</summary>
    public static string MedianColumn => Column(Median);

    /// <summary>Bands for a caption: "5-95 % and 25-75 %".</summary>
    public string Words =>
        string.Join(" and ", Pairs.Select(pair => $"{Percent(pair.Low)}\u2013{Percent(pair.High)} %"));

    /// <summary>Column of a level: q5 for 0.05, q2_5 for 0.025; a dot would be a path to Vega-Lite.</summary>
    public static string Column(double level) => "q" + Percent(level).Replace('.', '_');

    /// <summary>Cells for <see cref="Columns"/>.</summary>
    public static object[] Cells(ReplicaDistribution one) =>
        [
            one.Count,
            one.Diverged,
            one.Mean,
            one.StandardDeviation,
            .. one.Quantiles.Select(quantile => (object)quantile),
        ];

    /// <summary>The median of a distribution over <see cref="Levels"/>.</summary>
    public double MedianOf(ReplicaDistribution one) => one.Quantiles[((List<double>)[.. Levels]).IndexOf(Median)];

    private static string Percent(double level) =>
        Math.Round(100 * level, 6).ToString("R", CultureInfo.InvariantCulture);

    private static IEnumerable<(double Low, double High)> PairsOf(IReadOnlyList<double> levels) =>
        levels
            .Where(level => level < Median - Exact)
            .Order()
            .SelectMany(low =>
                levels.Where(high => Math.Abs(low + high - 1) < Exact).Take(1).Select(high => (low, high))
            );
}
