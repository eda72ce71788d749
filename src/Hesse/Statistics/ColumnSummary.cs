namespace Hesse.Statistics;

/// <summary>One number over the replicas. Values that are not finite (diverged replicas) are left out, and counted.</summary>
/// <param name="Count">n, the replicas with a finite value.</param>
/// <param name="Diverged">The replicas without one.</param>
/// <param name="Mean">Mean over the n.</param>
/// <param name="StandardDeviation">With n - 1 in the denominator; NaN for n &lt; 2.</param>
/// <param name="Quantiles">One for each level, interpolated linearly at (n - 1) q: NumPy's default.</param>
/// <param name="IntervalLow">2.5 % percentile of the bootstrapped means.</param>
/// <param name="IntervalHigh">97.5 % percentile of the bootstrapped means.</param>
public sealed record ColumnSummary(
    int Count,
    int Diverged,
    double Mean,
    double StandardDeviation,
    IReadOnlyList<double> Quantiles,
    double IntervalLow,
    double IntervalHigh
);
