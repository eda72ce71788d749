using Hesse.Replicas;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Replicas;

[Trait("Category", "Numerical")]
public class UniformDeviatesTests
{
    [Fact]
    public void The_ends_are_open_and_symmetric()
    {
        double smallest = UniformDeviates.FromWords(0, 0);
        double largest = UniformDeviates.FromWords(uint.MaxValue, uint.MaxValue);
        smallest.ShouldBe(Math.ScaleB(1, -53));
        largest.ShouldBe(1 - Math.ScaleB(1, -53));
        UniformDeviates.FromWords(1u << 31, 0).ShouldBe(0.5 + Math.ScaleB(1, -53));
        UniformDeviates.FromWords(0, 0xfff).ShouldBe(smallest, "the lowest 12 bits do not enter");
        UniformDeviates.FromWords(0, 0x1000).ShouldBe(3 * smallest);
    }

    [Fact]
    public void Below_covers_its_range()
    {
        UniformDeviates.Below(0, 7).ShouldBe(0);
        UniformDeviates.Below(uint.MaxValue, 7).ShouldBe(6);
        UniformDeviates.Below(uint.MaxValue, int.MaxValue).ShouldBe(int.MaxValue - 1);
        UniformDeviates.Below(uint.MaxValue, 1).ShouldBe(0);
    }

    [Theory]
    [InlineData(0u, 7)]
    [InlineData(1u, 7)]
    [InlineData(4u, 0)]
    [InlineData(5u, 1)]
    [InlineData(5u, 2)]
    public void Fill_gives_the_elements_one_by_one(uint first, int count)
    {
        double[] filled = new double[count];
        UniformDeviates.Fill(3, first, 8, 9, RandomStream.ProbeVectors, filled);
        filled.ShouldBe(
            Enumerable
                .Range((int)first, count)
                .Select(e => UniformDeviates.At(3, (uint)e, 8, 9, RandomStream.ProbeVectors))
        );
    }

    [Fact]
    public void Moments_are_those_of_the_uniform_distribution()
    {
        const int Count = 200_000;
        double[] u = new double[Count];
        UniformDeviates.Fill(1907, 0, 0, 0, RandomStream.ProbeVectors, u);
        u.ShouldAllBe(x => x > 0 && x < 1);
        // Five standard errors: sqrt(1/12/n) of the mean, sqrt(1/180/n) of the second central moment, sqrt(1/12)^2/sqrt n of the lag.
        u.Average().ShouldBe(0.5, 5 * Math.Sqrt(1.0 / 12 / Count));
        u.Average(x => (x - 0.5) * (x - 0.5)).ShouldBe(1.0 / 12, 5 * Math.Sqrt(1.0 / 180 / Count));
        u.Zip(u.Skip(1), (x, y) => (x - 0.5) * (y - 0.5)).Average().ShouldBe(0, 5.0 / 12 / Math.Sqrt(Count));
    }
}
