using Hesse.Replicas;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Replicas;

[Trait("Category", "Numerical")]
public class NormalDeviatesTests
{
    [Theory]
    [InlineData(0u, 7)]
    [InlineData(1u, 7)]
    [InlineData(5u, 1)]
    [InlineData(6u, 1)]
    [InlineData(4u, 16)]
    [InlineData(3u, 17)]
    [InlineData(2u, 257)]
    public void Fill_gives_the_elements_one_by_one(uint first, int count)
    {
        double[] filled = new double[count];
        NormalDeviates.Fill(3, first, 8, 9, RandomStream.GaussNoise, filled);
        filled.ShouldBe(
            Enumerable
                .Range((int)first, count)
                .Select(e => NormalDeviates.At(3, (uint)e, 8, 9, RandomStream.GaussNoise))
        );
    }

    // From a Python program written apart from this code, with the C library's functions and 2 pi v rounded before its sine.
    [Theory]
    [MemberData(nameof(KnownAnswers))]
    public void Known_answers(uint block, double even, double odd)
    {
        const double LastBits = 4e-15;
        (double x, double y) = NormalDeviates.Pair(1907, block, 2, 3, RandomStream.GaussNoise);
        x.ShouldBe(even, LastBits * Math.Max(1, Math.Abs(even)));
        y.ShouldBe(odd, LastBits * Math.Max(1, Math.Abs(odd)));
    }

    public static TheoryData<uint, double, double> KnownAnswers =>
        new()
        {
            { 0, -0.5362009905937497, 2.127233089142357 },
            { 1, 0.16677997497789157, 1.8429529783685894 },
            { 1u << 31, -1.373764814733466, -0.0503856670918258 },
        };

    [Fact]
    public void Moments_and_tails_are_those_of_the_normal_distribution()
    {
        const int Count = 200_000;
        double[] x = new double[Count];
        NormalDeviates.Fill(1907, 0, 0, 0, RandomStream.GaussNoise, x);
        // Five standard errors of each moment: variances 1, 2, 15 and 96 over n.
        double error = 5 / Math.Sqrt(Count);
        x.Average().ShouldBe(0, error);
        x.Average(v => v * v).ShouldBe(1, error * Math.Sqrt(2));
        x.Average(v => v * v * v).ShouldBe(0, error * Math.Sqrt(15));
        x.Average(v => v * v * v * v).ShouldBe(3, error * Math.Sqrt(96));
        // The members of a pair share a radius; they must still be independent.
        x.Chunk(2).Average(p => p[0] * p[1]).ShouldBe(0, error * Math.Sqrt(2));
        x.Chunk(2).Average(p => p[0] * p[0] * p[1] * p[1]).ShouldBe(1, error * Math.Sqrt(16));
        // P(|x| > 3) = 0.0026998.
        const double Tail = 0.0026998;
        ((double)x.Count(v => Math.Abs(v) > 3)).ShouldBe(Tail * Count, 5 * Math.Sqrt(Tail * Count));
    }
}
