using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Distributed;
using Hesse.Replicas;
using Hesse.Specs;
using static Hesse.Tests.Backends.Distributed.DistributedCases;

namespace Hesse.Tests.Backends.Distributed;

/// <summary>Median and majority vote on the toy of Chen, Chen, Sun, Wu, Hong (NeurIPS 2020), where median and mean differ.</summary>
[Trait("Category", "Numerical")]
public sealed class MedianTests
{
    // A few thousand roundings of numbers near 4.
    private const double Rounding = 1e-11;

    private static readonly double[] s_targets = [1, 2, 10];

    [Fact]
    public void Mean_finds_the_minimum_and_median_and_vote_stall_at_2()
    {
        using CpuBackend cpu = new(1);
        Train(cpu, Toy(Aggregation.Mean, 0), 0, 1, 2_500)[0].ShouldBe(After(2_500, 13.0 / 3), Rounding);
        Train(cpu, Toy(Aggregation.Median, 0), 0, 1, 2_500)[0].ShouldBe(After(2_500, 2), Rounding);
        // Steps of 0.001 from 0.0005 go to and fro around 2.
        Train(cpu, Toy(Aggregation.MajorityVote, 0), 0, 1, 2_500)[0].ShouldBe(2, 0.0006);
    }

    [Theory]
    [InlineData(1, 2.20)]
    [InlineData(5, 3.81)]
    [InlineData(10, 4.27)]
    [InlineData(20, 4.45)]
    public void Noisy_median_ends_where_the_mean_of_the_noisy_median_is(double noise, double published)
    {
        // x_{t+1} = (1 - delta) x_t + delta median(a_i + b xi_i): stationary mean E median, variance delta/(2 - delta) Var median.
        (double mean, double variance) = NoisyMedian(noise);
        const int replicas = 4;
        const int steps = 4_000;
        using CpuBackend cpu = new(1);
        double[] ends = Train(cpu, Toy(Aggregation.Median, noise), 0, replicas, steps);
        double deviation = Math.Sqrt(0.001 / (2 - 0.001) * variance);
        // Four deviations of a mean over replicas.
        ends.Average().ShouldBe(After(steps, mean), 4 * deviation / Math.Sqrt(replicas));
        // The published value is the end of a single run.
        published.ShouldBe(mean, (3 * deviation) + 0.005);
    }

    [Fact]
    public void Gap_between_noisy_median_and_mean_falls_with_the_noise()
    {
        // Every coordinate is a draw; a draw's error is about b.
        const int draws = 40_000;
        double[] gaps = [.. new double[] { 2, 5, 10 }.Select(noise => Gap(noise, draws))];
        for (int i = 0; i < gaps.Length; i++)
        {
            double noise = new double[] { 2, 5, 10 }[i];
            (double mean, double variance) = NoisyMedian(noise);
            gaps[i].ShouldBe((13.0 / 3) - mean, 4 * Math.Sqrt(variance / draws));
        }

        // O(1/b).
        double[] exact = [.. new double[] { 5, 10, 20, 40 }.Select(noise => (13.0 / 3) - NoisyMedian(noise).Mean)];
        for (int i = 1; i < exact.Length; i++)
        {
            exact[i].ShouldBeLessThan(exact[i - 1] / 1.9);
        }
    }

    // x_t = end + (x_0 - end) (1 - delta)^t
    private static double After(int steps, double end) => end + ((0.0005 - end) * Math.Pow(1 - 0.001, steps));

    private static double Gap(double noise, int draws)
    {
        WorkerVectors sent = new(3, 1, draws);
        for (int worker = 0; worker < 3; worker++)
        {
            Span<double> vector = sent.Of(worker, 0);
            NormalDeviates.Fill(7, 0, 0, 0, RandomStream.OptimizerNoise.OfWorker((uint)worker), vector);
            foreach (ref double value in vector)
            {
                value = s_targets[worker] + (noise * value);
            }
        }

        double[] medians = new double[draws];
        new Median().Run(0, 0, 0, sent, medians);
        return (13.0 / 3) - medians.Average();
    }

    // Of median(a_i + b xi_i), by integrating its density: one is m, one of the others below and one above.
    private static (double Mean, double Variance) NoisyMedian(double b)
    {
        double mean = 0;
        double square = 0;
        double step = b / 200;
        for (double m = -12 * b; m < 10 + (12 * b); m += step)
        {
            double density = 0;
            for (int i = 0; i < 3; i++)
            {
                double first = Cdf((m - s_targets[(i + 1) % 3]) / b);
                double second = Cdf((m - s_targets[(i + 2) % 3]) / b);
                double own = Math.Exp(-0.5 * Math.Pow((m - s_targets[i]) / b, 2)) / (b * Math.Sqrt(2 * Math.PI));
                density += own * ((first * (1 - second)) + (second * (1 - first)));
            }

            mean += m * density * step;
            square += m * m * density * step;
        }

        return (mean, square - (mean * mean));
    }

    private static double Cdf(double x) => MathNet.Numerics.Distributions.Normal.CDF(0, 1, x);
}
