using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Reference;
using Hesse.Observables;
using Hesse.Statistics;
using Hesse.Tests.Backends;
using Hesse.Tests.Statistics;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class NoiseGaussianityTests
{
    // Sums of eight products in other orders.
    private const double Rounding = 1e-13;

    private static readonly Dictionary<string, string> s_few = new()
    {
        ["batches"] = "50",
        ["directions"] = "70",
        ["batch"] = "3",
        ["eigenvectors"] = "2",
    };

    [Fact]
    public void Noise_along_a_direction_is_that_of_the_averaged_per_sample_gradients()
    {
        ReferenceCase it = ReferenceCases.B1;
        using ReferenceBackend backend = new();
        double[] each = new Measurement(backend, it.At()).PerSampleGradients;
        MiniBatchNoise noise = new(QuantityValues.SnapshotOf(it.At(), backend), 7, 3);
        double[] directions = noise.RandomDirections(5, 2);
        directions[..32].Sum(x => x * x).ShouldBe(1, Rounding);
        double[] along = noise.Along(directions, 2);
        for (int v = 0; v < 2; v++)
        {
            for (int k = 0; k < 7; k++)
            {
                double expected = 0;
                for (int i = 0; i < 32; i++)
                {
                    double mean = noise.Rows(0, k).ToArray().Average(n => each[(n * 32) + i]);
                    double all = Enumerable.Range(0, 8).Average(n => each[(n * 32) + i]);
                    expected += (mean - all) * directions[(v * 32) + i];
                }

                along[(v * 7) + k].ShouldBe(expected, Rounding);
            }
        }
    }

    [Fact]
    public void Noise_has_the_covariance_of_draws_without_replacement()
    {
        ReferenceCase it = ReferenceCases.B2;
        using ReferenceBackend backend = new();
        const int batches = 4000;
        MiniBatchNoise noise = new(QuantityValues.SnapshotOf(it.At(), backend), batches, 3);
        double[] directions = noise.RandomDirections(0, 4);
        double[] along = noise.Along(directions, 4);
        double[] single = new double[4 * 8];
        backend.PerSampleGradientProjections(it.At(), directions, single);
        for (int v = 0; v < 4; v++)
        {
            double[] sample = [.. Enumerable.Range(0, 8).Select(n => single[(n * 4) + v])];
            double mean = sample.Average();
            double population = sample.Average(x => (x - mean) * (x - mean));
            double expected = population / 3 * (8 - 3) / (8 - 1);
            // Standard error of a variance: sqrt(2 / 4000) = 2 %.
            along[(v * batches)..((v + 1) * batches)].Average(x => x * x).ShouldBe(expected, 0.1 * expected);
        }
    }

    [Fact]
    public void Statistics_are_those_of_the_noise_along_each_direction()
    {
        ReferenceCase it = ReferenceCases.B1;
        Dictionary<string, double[]> found = QuantityValues.Of("noise-gaussianity", it, s_few);
        using ReferenceBackend backend = new();
        MiniBatchNoise noise = new(QuantityValues.SnapshotOf(it.At(), backend), 50, 3);
        double[] along = noise.Along(noise.RandomDirections(0, 70), 70);
        ShapiroWilk test = new(50);
        for (int v = 0; v < 70; v++)
        {
            double[] sorted = [.. along[(v * 50)..((v + 1) * 50)].Order()];
            (double w, double p) = test.Of(sorted);
            found["shapiro-wilk"][v].ShouldBe(w, Rounding);
            found["p-value"][v].ShouldBe(p, 1e-10);
            found["anderson-darling"][v].ShouldBe(AndersonDarling.Adjusted(AndersonDarling.Square(sorted), 50), 1e-10);
        }

        found["accepted"][0].ShouldBe(found["p-value"].Count(p => p >= 0.05) / 70.0);
        found["anderson-darling-accepted"][0].ShouldBe(found["anderson-darling"].Count(a => a <= 0.752) / 70.0);
        double[] gradient = new Measurement(backend, it.At()).Gradient;
        double[] special = noise.Along(gradient, 1);
        found["gradient"][0].ShouldBe(test.Of([.. special.Order()]).W, Rounding);
        double[] pairs = new Measurement(backend, it.At()).HessianEigenpairs;
        special = noise.Along(pairs[(36 + 4)..(2 * 36)], 1);
        found["top-eigenvectors"].Length.ShouldBe(6);
        found["top-eigenvectors"][3].ShouldBe(test.Of([.. special.Order()]).W, 1e-9);
    }

    [Fact]
    public void Noise_of_large_batches_is_accepted_as_often_as_normal_numbers_and_that_of_single_heavy_tailed_samples_is_not()
    {
        // P = 20 coordinates of a Student-like law: one sample is far from normal, the mean of 50 is near it.
        double[] normal = NoiseSamples.Normal(3 * 20 * 1000, 1);
        Points points = NoiseSamples.Of(
            1000,
            [.. Enumerable.Repeat(1.0, 20)],
            i => normal[3 * i] / Math.Sqrt(0.2 + (normal[(3 * i) + 1] * normal[(3 * i) + 1]))
        );
        using CpuBackend backend = new(2);
        Dictionary<string, string> options = new()
        {
            ["batches"] = "100",
            ["directions"] = "100",
            ["eigenvectors"] = "0",
        };
        Dictionary<string, double[]> large = QuantityValues.Of("noise-gaussianity", points, options, 50, backend);
        // 95 % with standard error 2.2 %.
        large["gaussian-accepted"][0].ShouldBeInRange(0.88, 1);
        large["gaussian-anderson-darling-accepted"][0].ShouldBeInRange(0.88, 1);
        large["accepted"][0].ShouldBeInRange(0.84, 1);
        large["anderson-darling-accepted"][0].ShouldBeInRange(0.84, 1);
        large.ShouldNotContainKey("top-eigenvectors");

        Points heavy = NoiseSamples.Of(
            1000,
            [.. Enumerable.Repeat(1.0, 20)],
            i => normal[3 * i] / Math.Abs(normal[(3 * i) + 1])
        );
        Dictionary<string, double[]> single = QuantityValues.Of("noise-gaussianity", heavy, options, 1, backend);
        single["accepted"][0].ShouldBe(0);
        single["gaussian-accepted"][0].ShouldBe(large["gaussian-accepted"][0]);
    }

    [Fact]
    public void Replicas_together_have_the_bits_of_each_alone_on_both_backends()
    {
        Points all = RandomProblems.Make(
            [3, 4, 2],
            [true],
            Hesse.Networks.Activation.Tanh,
            Hesse.Networks.Loss.Mse,
            9,
            3,
            5,
            ownData: true
        );
        using CpuBackend cpu = new(2);
        Dictionary<string, double[]> reference = QuantityValues.Of("noise-gaussianity", all, s_few);
        foreach (IBackend backend in new IBackend[] { new ReferenceBackend(), cpu })
        {
            Dictionary<string, double[]> together = QuantityValues.Of("noise-gaussianity", all, s_few, null, backend);
            Dictionary<string, double[]> alone = QuantityValues.Of(
                "noise-gaussianity",
                RandomProblems.Alone(all, 2),
                s_few,
                null,
                backend,
                first: 6
            );
            foreach ((string part, double[] values) in alone)
            {
                together[part][(2 * values.Length)..].ShouldBe(values, part);
            }

            for (int i = 0; i < reference["shapiro-wilk"].Length; i++)
            {
                together["shapiro-wilk"][i].ShouldBe(reference["shapiro-wilk"][i], 1e-10);
            }
        }
    }

    [Fact]
    public void Noise_that_is_not_there_has_no_answer()
    {
        // All samples are the same one.
        Points points = NoiseSamples.Of(10, [1, 2], _ => 1);
        Dictionary<string, double[]> found = QuantityValues.Of("noise-gaussianity", points, s_few);
        found["shapiro-wilk"].ShouldAllBe(w => double.IsNaN(w));
        found["accepted"][0].ShouldBe(double.NaN);
        found["gaussian-accepted"][0].ShouldBeGreaterThan(0.8);
    }

    [Theory]
    [InlineData("noise-gaussianity", 8)]
    [InlineData("noise-gaussianity", 9)]
    [InlineData("tail-index", 8)]
    public void Whole_data_set_as_mini_batch_is_refused(string quantity, int batch)
    {
        HesseException refusal = Should.Throw<HesseException>(() =>
            QuantityValues.Of(quantity, ReferenceCases.B1, batch: batch)
        );
        refusal.Code.ShouldBe(ExitCode.BadData);
        refusal.Message.ShouldContain("the data has 8");
        Should
            .Throw<HesseException>(() => QuantityValues.Of(quantity, ReferenceCases.B1))
            .Code.ShouldBe(ExitCode.Usage);
    }
}
