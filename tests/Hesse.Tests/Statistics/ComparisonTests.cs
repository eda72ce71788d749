using Hesse.Statistics;

namespace Hesse.Tests.Statistics;

public sealed class ComparisonTests : IDisposable
{
    // Intervals of 1000 resamples scatter by some percent of their width.
    private const double ResamplingScatter = 0.15;

    // The tabulated quantiles have four digits behind the point.
    private const double RoundedQuantile = 3e-5;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_interval_of_symmetric_values_is_the_normal_one()
    {
        double[] values =
        [
            .. Enumerable
                .Range(0, 400)
                .Select(i => MathNet.Numerics.Distributions.Normal.InvCDF(3, 2, (i + 0.5) / 400)),
        ];
        PairedInterval interval = PairedInterval.Of(values, 1);
        interval.Mean.ShouldBe(3, 1e-12);
        interval.StandardError.ShouldBe(0.1, 1e-3);
        interval.Low.ShouldBe(3 - 0.196, ResamplingScatter * 0.196);
        interval.High.ShouldBe(3 + 0.196, ResamplingScatter * 0.196);
    }

    [Fact]
    public void The_interval_of_skewed_values_reaches_further_to_their_long_side()
    {
        // First-order theory (Efron 1987): the BCa end points of a mean are mean + se (z + skew (2 z^2 + 1) / (6 sqrt n)).
        double[] values = [.. Enumerable.Range(0, 100).Select(i => -Math.Log(1 - ((i + 0.5) / 100)))];
        PairedInterval interval = PairedInterval.Of(values, 1);
        double mean = values.Average();
        double skew =
            values.Average(x => Math.Pow(x - mean, 3)) / Math.Pow(values.Average(x => (x - mean) * (x - mean)), 1.5);
        double shift = skew * ((2 * 1.96 * 1.96) + 1) / (6 * Math.Sqrt(100));
        double width = 1.96 * interval.StandardError;
        ((interval.High + interval.Low) / 2).ShouldBe(
            mean + (interval.StandardError * shift),
            ResamplingScatter * width
        );
        (interval.High - mean).ShouldBeGreaterThan(1.1 * (mean - interval.Low));
    }

    [Fact]
    public void Equal_values_have_an_interval_of_no_width_and_none_have_none()
    {
        PairedInterval.Of([2, 2, 2], 1).ShouldBe(new PairedInterval(2, 0, 2, 2));
        PairedInterval.Of([], 1).Mean.ShouldBe(double.NaN);
    }

    [Theory]
    [InlineData(1.2238, 0.10)]
    [InlineData(1.3581, 0.05)]
    [InlineData(1.6276, 0.01)]
    [InlineData(0.1, 1)]
    public void Kolmogorovs_distribution_has_its_tabulated_quantiles(double x, double probability) =>
        KolmogorovSmirnov.Tail(x).ShouldBe(probability, RoundedQuantile);

    [Fact]
    public void The_distance_of_two_samples_is_counted_at_the_jumps()
    {
        // After 1 (1/4, 0), after 2 (3/4, 1/3), after 3 (1, 1/3), after 4 (1, 2/3).
        KolmogorovSmirnov.Of([3, 1, 2, 2], [2, 4, 5]).Distance.ShouldBe(2.0 / 3, 1e-15);
        KolmogorovSmirnov same = KolmogorovSmirnov.Of([1, 2, 3], [3, 2, 1]);
        same.ShouldBe(new KolmogorovSmirnov(0, 1));
    }

    [Fact]
    public void Replicas_needed_fall_with_the_square_of_the_error()
    {
        PairedInterval.ReplicasFor(2, 1, 0.1).ShouldBe(400);
        PairedInterval.ReplicasFor(2, -1, 0.01).ShouldBe(40_000);
        PairedInterval.ReplicasFor(2, 0, 0.01).ShouldBe(double.NaN);
    }

    [Fact]
    public void Settings_of_a_sweep_are_compared_replica_by_replica_and_seeds_by_distribution()
    {
        string spec = _folder.PathOf("spec.yaml");
        File.WriteAllText(
            spec,
            """
            version: 1
            name: compared
            replicas: 12
            data: {kind: gauss, classes: 2, dimension: 3, samples: 8}
            network: {hidden: [4]}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 6}
            observe: [{quantity: loss, at: [0, 6]}, {quantity: hessian-spectrum, at: [6]}]
            sweep: {training.optimizer.step-size: [0.1, 0.5]}
            """
        );
        Cli.CommandLine.Run("run", spec, "--out", _folder.PathOf("a"), "--quiet").Code.ShouldBe(0);
        Cli.CommandLine.Run("run", spec, "--out", _folder.PathOf("b"), "--seed", "1", "--quiet").Code.ShouldBe(0);
        string[] settings = [.. Directory.GetDirectories(_folder.PathOf("a/compared")).Order(StringComparer.Ordinal)];

        ComparedColumn[] pairs = [.. SettingComparison.Compare(settings[0], settings[1])];
        pairs
            .Select(pair => (pair.Quantity, pair.Step, pair.Index))
            .ShouldBe([("loss", 0, 0), ("loss", 6, 0), ("hessian-spectrum", 6, 0), ("hessian-spectrum", 6, 25)]);
        // The same initial points: no difference at all before the first update.
        pairs[0].Difference.ShouldBe(new PairedInterval(0, 0, 0, 0));
        pairs[1].Count.ShouldBe(12);
        (pairs[1].Second - pairs[1].First).ShouldBe(pairs[1].Difference!.Value.Mean, 1e-14);
        pairs[1].Difference!.Value.Low.ShouldBeLessThan(pairs[1].Difference!.Value.High);

        string other = Directory.GetDirectories(_folder.PathOf("b/compared")).Order(StringComparer.Ordinal).First();
        SettingComparison.Compare(settings[0], other)[0].Distributions!.Value.Probability.ShouldBeInRange(0, 1);
        (int code, string output, string error) = Cli.CommandLine.Run("stats", settings[0], "--compare", settings[1]);
        code.ShouldBe(0, error);
        output.ShouldContain("replica by replica");
        Cli.CommandLine.Run("stats", _folder.PathOf("a"), "--compare", settings[1]).Code.ShouldBe(64);
        Cli.CommandLine.Run("stats", settings[0], "--compare", settings[1], "--quantity", "trace").Code.ShouldBe(64);
        Cli.CommandLine.Run("stats", settings[0], "--relative-error", "0.01").Output.ShouldContain("replicas-needed");
        Cli.CommandLine.Run("stats", settings[0], "--relative-error", "2").Code.ShouldBe(64);
    }
}
