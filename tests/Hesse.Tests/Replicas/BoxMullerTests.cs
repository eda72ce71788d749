using System.Numerics;
using Hesse.Replicas;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Replicas;

[Trait("Category", "Numerical")]
public class BoxMullerTests
{
    // The platform's own functions are within 1 ulp, ours within 3.
    private const double Ulps = 4;

    [Fact]
    public void The_functions_agree_with_the_platforms()
    {
        for (int i = 0; i < 20_000; i++)
        {
            double u = UniformDeviates.At(1, (uint)i, 0, 0, RandomStream.ProbeVectors);
            UlpsBetween(BoxMuller.Log(u), Math.Log(u)).ShouldBeLessThan(Ulps, $"log {u:R}");
            // Small numbers and numbers near 1, too.
            double small = Math.ScaleB(u, -i % 50);
            UlpsBetween(BoxMuller.Log(small), Math.Log(small)).ShouldBeLessThan(Ulps, $"log {small:R}");
            double near = 1 - (small / 2);
            UlpsBetween(BoxMuller.Log(near), Math.Log(near)).ShouldBeLessThan(Ulps, $"log {near:R}");
            double x = (u - 0.5) * (Math.PI / 2);
            UlpsBetween(BoxMuller.Sine(x), Math.Sin(x)).ShouldBeLessThan(Ulps, $"sin {x:R}");
            UlpsBetween(BoxMuller.Cosine(x), Math.Cos(x)).ShouldBeLessThan(Ulps, $"cos {x:R}");
        }
    }

    [Theory]
    [InlineData(0.125, 1, 1)]
    [InlineData(0.375, -1, 1)]
    [InlineData(0.625, -1, -1)]
    [InlineData(0.875, 1, -1)]
    public void The_turn_goes_through_all_quadrants(double v, int even, int odd)
    {
        double half = Math.Sqrt(Math.Log(2));
        (double x, double y) = BoxMuller.Pair(0.5, v);
        UlpsBetween(x, even * half).ShouldBeLessThan(2 * Ulps);
        UlpsBetween(y, odd * half).ShouldBeLessThan(2 * Ulps);
    }

    [Fact]
    public void The_ends_of_the_uniforms_are_finite()
    {
        double least = Math.ScaleB(1, -53);
        (double largest, double zero) = BoxMuller.Pair(least, least);
        largest.ShouldBe(Math.Sqrt(2 * 53 * Math.Log(2)), 1e-14);
        zero.ShouldBeInRange(0, 1e-14);
        (double smallest, _) = BoxMuller.Pair(1 - least, 1 - least);
        smallest.ShouldBe(Math.Sqrt(2 * least), 1e-20);
    }

    [Fact]
    public void Registers_give_the_same_bits()
    {
        int count = Vector<double>.Count;
        double[] u = new double[count];
        double[] v = new double[count];
        double[] even = new double[count];
        double[] odd = new double[count];
        double least = Math.ScaleB(1, -53);
        double[] special =
        [
            least,
            0.125,
            0.25,
            0.5,
            Math.Sqrt(0.5),
            Math.BitIncrement(Math.Sqrt(0.5)),
            0.75,
            0.875,
            1 - least,
        ];
        for (int i = 0; i < 20_000; i++)
        {
            for (int lane = 0; lane < count; lane++)
            {
                uint e = (uint)((i * count) + lane);
                u[lane] = e < 81 ? special[e / 9] : UniformDeviates.At(2, 2 * e, 0, 0, RandomStream.ProbeVectors);
                v[lane] = e < 81 ? special[e % 9] : UniformDeviates.At(2, (2 * e) + 1, 0, 0, RandomStream.ProbeVectors);
            }

            (Vector<double> x, Vector<double> y) = BoxMuller.Pair(new Vector<double>(u), new Vector<double>(v));
            x.CopyTo(even);
            y.CopyTo(odd);
            for (int lane = 0; lane < count; lane++)
            {
                (double a, double b) = BoxMuller.Pair(u[lane], v[lane]);
                BitConverter
                    .DoubleToInt64Bits(even[lane])
                    .ShouldBe(BitConverter.DoubleToInt64Bits(a), $"{u[lane]:R} {v[lane]:R}");
                BitConverter
                    .DoubleToInt64Bits(odd[lane])
                    .ShouldBe(BitConverter.DoubleToInt64Bits(b), $"{u[lane]:R} {v[lane]:R}");
            }
        }
    }

    // These bits are part of the scheme philox4x32-10/v1: the same on every machine. A Python program gives the same sum.
    [Fact]
    public void The_bits_stay()
    {
        ulong sum = 0;
        for (uint e = 0; e < 1000; e++)
        {
            double x = NormalDeviates.At(1907, e, 0, 0, RandomStream.InitialParameters);
            sum = (sum * 31) + BitConverter.DoubleToUInt64Bits(x);
        }

        sum.ToString("x16").ShouldBe("59e064133fc06435");
    }

    private static double UlpsBetween(double x, double expected) =>
        Math.Abs(x - expected) / (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected));
}
