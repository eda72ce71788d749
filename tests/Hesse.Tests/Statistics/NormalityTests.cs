using Hesse.Replicas;
using Hesse.Statistics;

namespace Hesse.Tests.Statistics;

[Trait("Category", "Numerical")]
public sealed class NormalityTests
{
    // Ten digits are printed.
    private const double Printed = 2e-9;

    // SciPy computes W in single precision.
    private const double SinglePrecision = 1e-6;

    // p-values are printed with six digits.
    private const double SixDigits = 1e-5;

    public static TheoryData<string> Names => [.. NormalitySample.All.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Statistics_have_the_published_values(string name)
    {
        NormalitySample sample = NormalitySample.All.Single(one => one.Name == name);
        double[] sorted = [.. sample.Values.Order()];
        SampleMoments moments = SampleMoments.Of(sample.Values);
        moments.Skewness.ShouldBe(sample.Skewness, Printed);
        moments.ExcessKurtosis.ShouldBe(sample.ExcessKurtosis, Printed);

        (double w, double p) = new ShapiroWilk(sorted.Length).Of(sorted);
        w.ShouldBe(sample.W, SinglePrecision);
        // The error of W over the distance of W from 1 is that of p.
        p.ShouldBe(
            sample.ShapiroProbability,
            Math.Max(SixDigits, 20 * SinglePrecision / (1 - w)) * sample.ShapiroProbability
        );

        double square = AndersonDarling.Square(sorted);
        square.ShouldBe(sample.AndersonDarling, 10 * Printed);
        // The critical value of A^2 at this n, rounded to three digits, gives the decision that A*^2 gives.
        bool rejected = AndersonDarling.Adjusted(square, sorted.Length) > AndersonDarling.Critical(0.05);
        rejected.ShouldBe(square > sample.FivePerCent);

        double jarqueBera = MomentTests.JarqueBera(sample.Values);
        jarqueBera.ShouldBe(sample.JarqueBera, 100 * Printed);
        MomentTests.Probability(jarqueBera).ShouldBe(sample.JarqueBeraProbability, 0.02 * sample.JarqueBeraProbability);
        double agostino = MomentTests.DAgostino(sample.Values);
        agostino.ShouldBe(sample.DAgostino, 10 * Printed);
        MomentTests.Probability(agostino).ShouldBe(sample.DAgostinoProbability, 1e-3 * sample.DAgostinoProbability);
        Lilliefors.Distance(sorted).ShouldBe(sample.Lilliefors, Printed);
    }

    [Fact]
    public void Statistics_do_not_depend_on_place_and_size_of_the_sample()
    {
        double[] sorted = [.. NormalitySample.All[0].Values.Order()];
        double[] moved = [.. sorted.Select(x => (4e-9 * x) - 3e-9)];
        ShapiroWilk test = new(sorted.Length);
        test.Of(moved).W.ShouldBe(test.Of(sorted).W, 1e-13);
        AndersonDarling.Square(moved).ShouldBe(AndersonDarling.Square(sorted), 1e-11);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(100)]
    public void Of_normal_samples_about_one_in_twenty_is_rejected(int n)
    {
        const int Samples = 1000;
        ShapiroWilk test = new(n);
        double[] sample = new double[n];
        int shapiro = 0;
        int anderson = 0;
        for (int i = 0; i < Samples; i++)
        {
            NormalDeviates.Fill(7, (uint)(i * n), 0, (uint)n, RandomStream.NormalSamples, sample);
            Array.Sort(sample);
            shapiro += test.Of(sample).P < 0.05 ? 1 : 0;
            double square = AndersonDarling.Adjusted(AndersonDarling.Square(sample), n);
            anderson += square > AndersonDarling.Critical(0.05) ? 1 : 0;
        }

        // 50 expected, standard deviation 6.9; the approximations are a little off for the smallest n.
        shapiro.ShouldBeInRange(22, 78);
        if (n >= 8)
        {
            anderson.ShouldBeInRange(22, 78);
        }
    }

    [Fact]
    public void Constant_samples_have_no_answer()
    {
        double[] sorted = [1, 1, 1, 1];
        (double w, double p) = new ShapiroWilk(4).Of(sorted);
        w.ShouldBe(double.NaN);
        p.ShouldBe(double.NaN);
        AndersonDarling.Square(sorted).ShouldBe(double.NaN);
        Should.Throw<ArgumentOutOfRangeException>(() => new ShapiroWilk(2));
        Should.Throw<ArgumentOutOfRangeException>(() => new ShapiroWilk(5001));
    }

    [Fact]
    public void Far_tails_have_finite_statistics()
    {
        // One number 71 deviations out: its tail probability is below the smallest double.
        double[] sorted = [.. Enumerable.Range(0, 4999).Select(i => i * 1e-9), 1];
        AndersonDarling.Square(sorted).ShouldBeInRange(1000, 1e6);
        new ShapiroWilk(5000).Of(sorted).P.ShouldBe(0, 1e-30);
    }
}
