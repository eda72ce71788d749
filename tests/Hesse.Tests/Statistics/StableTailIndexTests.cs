using Hesse.Replicas;
using Hesse.Statistics;

namespace Hesse.Tests.Statistics;

[Trait("Category", "Numerical")]
public sealed class StableTailIndexTests
{
    // Twelve digits are printed.
    private const double Printed = 1e-10;
    private const int Count = 10_000;
    private const int Sum = 100;

    [Fact]
    public void Exact_values()
    {
        StableTailIndex.Mean([.. Enumerable.Repeat(1.0, 100)], 10).ShouldBe(1, Printed);
        StableTailIndex.Mean(Sines(100), 10).ShouldBe(2.59479440462, Printed);
        StableTailIndex.Mean(Sines(Count), Sum).ShouldBe(2.67949350016, 1e-8);
        StableTailIndex.Mean([.. Sines(100).Select(x => Math.Tan(1.5 * x))], 10).ShouldBe(1.29072295772, Printed);
    }

    // Mean and standard deviation over samples of 10,000, sums of 100.
    [Theory]
    [InlineData(2, 2.0035, 0.095)]
    [InlineData(1, 0.9995, 0.035)]
    [InlineData(1.5, 1.508, 0.064)]
    public void Stable_samples_have_their_index(double alpha, double mean, double deviation)
    {
        const int Repetitions = 6;
        double average = 0;
        double median = 0;
        for (uint i = 0; i < Repetitions; i++)
        {
            double[] sample = StableSamples.Draw(alpha, Count, i);
            average += StableTailIndex.Mean(sample, Sum) / Repetitions;
            median += StableTailIndex.OrderStatistic(sample, Sum, Sum / 2) / Repetitions;
        }

        average.ShouldBe(mean, 4 * deviation / Math.Sqrt(Repetitions));
        // The order statistic has about twice the spread.
        median.ShouldBe(alpha, 8 * deviation / Math.Sqrt(Repetitions));
    }

    [Theory]
    [InlineData(1, false, 1.418, 0.050)]
    [InlineData(2, false, 0.861, 0.022)]
    [InlineData(1, true, 2.011, 0.096)]
    public void Normal_numbers_of_mixed_scales_look_heavy_tailed_unless_sums_keep_to_one_scale(
        double spread,
        bool together,
        double mean,
        double deviation
    )
    {
        const int Repetitions = 6;
        double average = 0;
        for (uint i = 0; i < Repetitions; i++)
        {
            double[] sample = new double[Count];
            double[] scales = new double[Count];
            NormalDeviates.Fill(18, 0, 0, i, RandomStream.NormalSamples, sample);
            NormalDeviates.Fill(19, 0, 0, i, RandomStream.NormalSamples, scales);
            for (int k = 0; k < Count; k++)
            {
                sample[k] *= Math.Exp(spread * scales[together ? k / Sum : k]);
            }

            average += StableTailIndex.Mean(sample, Sum) / Repetitions;
        }

        average.ShouldBe(mean, 4 * deviation / Math.Sqrt(Repetitions));
    }

    // Coordinates of dead units, a million times smaller, one in ten alive.
    [Fact]
    public void Coordinates_that_hardly_move_make_any_noise_look_heavy_tailed()
    {
        const int Repetitions = 6;
        double average = 0;
        for (uint i = 0; i < Repetitions; i++)
        {
            double[] sample = new double[Count];
            NormalDeviates.Fill(20, 0, 0, i, RandomStream.NormalSamples, sample);
            for (int k = 0; k < Count; k++)
            {
                bool alive = UniformDeviates.At(21, (uint)k, 0, i, RandomStream.NormalSamples) < 0.1;
                sample[k] *= alive ? 1 : 1e-6;
            }

            average += StableTailIndex.Mean(sample, Sum) / Repetitions;
        }

        average.ShouldBe(0.340, 4 * 0.003 / Math.Sqrt(Repetitions));
    }

    // Not stable, with finite variances: the estimate lies between their tails and the normal law's 2.
    [Theory]
    [InlineData("laplace", 1.782, 0.078)]
    [InlineData("student-3", 1.754, 0.077)]
    public void Laws_that_are_not_stable_have_no_index_of_their_own(string law, double mean, double deviation)
    {
        const int Repetitions = 6;
        double average = 0;
        for (uint i = 0; i < Repetitions; i++)
        {
            double[] sample = new double[Count];
            for (int k = 0; k < Count; k++)
            {
                double u = UniformDeviates.At(22, (uint)k, 0, i, RandomStream.NormalSamples);
                sample[k] =
                    law == "laplace"
                        ? Math.Sign(u - 0.5) * -Math.Log(1 - (2 * Math.Abs(u - 0.5)))
                        : MathNet.Numerics.Distributions.StudentT.InvCDF(0, 1, 3, u);
            }

            average += StableTailIndex.Mean(sample, Sum) / Repetitions;
        }

        average.ShouldBe(mean, 4 * deviation / Math.Sqrt(Repetitions));
    }

    [Fact]
    public void Length_of_sums_is_the_largest_divisor_below_the_root()
    {
        StableTailIndex.SumLength(10_000).ShouldBe(100);
        StableTailIndex.SumLength(1000).ShouldBe(25);
        StableTailIndex.SumLength(12).ShouldBe(3);
        StableTailIndex.SumLength(13).ShouldBe(1);
        StableTailIndex.Mean(Sines(13), 1).ShouldBe(double.NaN);
    }

    [Fact]
    public void Hill_estimate_of_cauchy_quantiles()
    {
        double[] sorted =
        [
            .. Enumerable.Range(1, 1000).Select(i => Math.Abs(Math.Tan(Math.PI * (((i - 0.5) / 1000) - 0.5)))).Order(),
        ];
        HillEstimator.Of(sorted, 100).ShouldBe(0.991351115494, Printed);
    }

    private static double[] Sines(int count) => [.. Enumerable.Range(1, count).Select(k => Math.Sin((double)k * k))];
}
