using System.Globalization;
using Hesse.Statistics;

namespace Hesse.Reports;

/// <summary>Turns of phrase that captions share.</summary>
internal static class Words
{
    /// <summary>"n = 64 replicas, none diverged", or how many did.</summary>
    /// <param name="setting">Whose; a number may be undefined without any divergence, so that only the setting knows.</param>
    /// <param name="replicas">Finished replicas of what is shown.</param>
    public static string Replicas(StoredSetting setting, int replicas)
    {
        int diverged = Math.Min(setting.Diverged, replicas);
        return diverged == 0
            ? $"n = {replicas} {Plural("replica", replicas)}, none diverged"
            : $"n = {replicas} replicas, of which {diverged} diverged and are left out from that step on";
    }

    /// <summary>"replicas 0\u201399"</summary>
    public static string FirstReplicas(int count) => count == 1 ? "replica 0" : $"replicas 0\u2013{count - 1}";

    /// <summary>What a thinned axis shows; empty where it shows all.</summary>
    public static string Thinned(string what, int shown, int all) =>
        shown < all ? $"Shown are {shown} of {all} observed {what}." : string.Empty;

    /// <summary>"median 0.47 (5\u201395 %: 0.35 to 0.66) at step 20"</summary>
    public static string At(Bands bands, ReplicaDistribution one, int step) => $"{Median(bands, one)} at step {step}";

    /// <summary>"median 0.47 (5\u201395 %: 0.35 to 0.66)"</summary>
    public static string Median(Bands bands, ReplicaDistribution one) =>
        one.Count == 0
            ? "no value"
            : $"median {Short(bands.MedianOf(one))} ({Range(bands)}: {Short(one.Quantiles[0])} to {Short(one.Quantiles[^1])})";

    /// <summary>The widest band: "5\u201395 %".</summary>
    public static string Range(Bands bands) => new Bands([bands.Pairs[0].Low, bands.Pairs[0].High]).Words;

    /// <summary>Three significant digits: 0.47, 9.89e-5.</summary>
    public static string Short(double value) =>
        double.IsFinite(value)
            ? value.ToString(
                Math.Abs(value) is 0 or (>= 1e-4 and < 999.5) ? "G3" : "0.##e0",
                CultureInfo.InvariantCulture
            )
            : "\u2013";

    private static string Plural(string noun, int count) => count == 1 ? noun : noun + "s";
}
