using Hesse.Backends.Cpu.Elementary;
using Hesse.Networks;

namespace Hesse.Tests.Backends.Cpu.Elementary;

[Trait("Category", "Numerical")]
public class ActivationFunctionsTests
{
    // A few roundings of numbers of the size of 1 and of the result.
    private const double DoubleTolerance = 1e-15;
    private const double FloatTolerance = 4e-7;

    // Central differences in 256 bits: truncation 2^-120, cancellation 2^-136.
    private const double Step = 8.673617379884035e-19;

    public static TheoryData<Activation> All => [.. Enum.GetValues<Activation>()];

    private static double[] Arguments =>
        [.. Enumerable.Range(0, 403).Select(k => (6 * Math.Sin((double)k * k)) + (0.05 * (k - 200)))];

    [Theory]
    [MemberData(nameof(All))]
    public void Values_are_those_of_the_formula(Activation phi)
    {
        double[] z = Arguments;
        double[] a = new double[z.Length];
        ActivationFunctions.Value<double>(phi, z, a);
        Compare(z, a, x => Truth(phi, x), DoubleTolerance);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Slopes_are_derivatives(Activation phi)
    {
        double[] z = Arguments;
        double[] a = new double[z.Length];
        double[] slope = new double[z.Length];
        ActivationFunctions.Value<double>(phi, z, a);
        ActivationFunctions.Slope<double>(phi, z, a, slope);
        Compare(z, slope, x => (Truth(phi, x + Step) - Truth(phi, x - Step)) / (2 * Step), DoubleTolerance);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Bends_are_second_derivatives(Activation phi)
    {
        double[] z = Arguments;
        double[] a = new double[z.Length];
        double[] bend = new double[z.Length];
        ActivationFunctions.Value<double>(phi, z, a);
        ActivationFunctions.Bend<double>(phi, z, a, bend);
        HighPrecision square = (HighPrecision)Step * Step;
        Compare(
            z,
            bend,
            x => (Truth(phi, x + Step) - (2 * Truth(phi, x)) + Truth(phi, x - Step)) / square,
            DoubleTolerance
        );
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Floats_agree_with_doubles(Activation phi)
    {
        float[] z = [.. Arguments.Select(x => (float)x)];
        double[] wide = [.. z.Select(x => (double)x)];
        float[] a = new float[z.Length];
        float[] slope = new float[z.Length];
        float[] bend = new float[z.Length];
        ActivationFunctions.Value<float>(phi, z, a);
        ActivationFunctions.Slope<float>(phi, z, a, slope);
        ActivationFunctions.Bend<float>(phi, z, a, bend);
        double[] expected = new double[z.Length];
        double[] wideA = new double[z.Length];
        ActivationFunctions.Value<double>(phi, wide, wideA);
        Agree(a, wideA);
        ActivationFunctions.Slope<double>(phi, wide, wideA, expected);
        Agree(slope, expected);
        ActivationFunctions.Bend<double>(phi, wide, wideA, expected);
        Agree(bend, expected);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_result_may_overwrite_an_argument(Activation phi)
    {
        double[] z = Arguments;
        double[] a = new double[z.Length];
        double[] slope = new double[z.Length];
        ActivationFunctions.Value<double>(phi, z, a);
        ActivationFunctions.Slope<double>(phi, z, a, slope);
        double[] place = [.. z];
        ActivationFunctions.Value<double>(phi, place, place);
        place.ShouldBe(a);
        ActivationFunctions.Slope<double>(phi, z, place, place);
        place.ShouldBe(slope);
        float[] single = [.. z.Select(x => (float)x)];
        float[] expected = new float[single.Length];
        ActivationFunctions.Value<float>(phi, single, expected);
        ActivationFunctions.Value<float>(phi, single, single);
        single.ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void NaN_stays_NaN(Activation phi)
    {
        float[] a = new float[3];
        ActivationFunctions.Value<float>(phi, [1, float.NaN, -1], a);
        a[1].ShouldBe(float.NaN);
        a[0].ShouldNotBe(float.NaN);
        a[2].ShouldNotBe(float.NaN);
    }

    [Theory]
    [InlineData(Activation.Relu, 0, 0)]
    [InlineData(Activation.Relu, -0.0, 0)]
    [InlineData(Activation.Relu, double.Epsilon, 1)]
    [InlineData(Activation.LeakyRelu, 0, 0.01)]
    [InlineData(Activation.Hardtanh, 1, 0)]
    [InlineData(Activation.Hardtanh, -1, 0)]
    [InlineData(Activation.Hardtanh, 0.999, 1)]
    [InlineData(Activation.Hardtanh, -3, 0)]
    [InlineData(Activation.Elu, 0, 1)]
    public void Slopes_at_the_kinks(Activation phi, double z, double expected)
    {
        double[] a = new double[1];
        double[] slope = new double[1];
        ActivationFunctions.Value<double>(phi, [z], a);
        ActivationFunctions.Slope<double>(phi, [z], a, slope);
        slope[0].ShouldBe(expected);
    }

    [Fact]
    public void Gelu_keeps_its_relative_accuracy_in_the_left_tail()
    {
        double[] z = [-1, -3, -7.3, -12, -20, -30, -36];
        double[] a = new double[z.Length];
        ActivationFunctions.Value<double>(Activation.Gelu, z, a);
        for (int i = 0; i < z.Length; i++)
        {
            // An ulp each for exp, the polynomial, its denominator and the products.
            GeluTail(z[i]).UlpsFrom(a[i]).ShouldBeLessThan(4, $"gelu({z[i]:R})");
        }
    }

    // Phi(-w) = phi(w) / (w + 1/(w + 2/(w + 3/(w + ...)))): 1 + erf would cancel to nothing.
    private static HighPrecision GeluTail(double z)
    {
        HighPrecision w = -z;
        HighPrecision fraction = w;
        for (int n = 2000; n >= 1; n--)
        {
            fraction = w + (n / fraction);
        }

        HighPrecision density = HighPrecision.Exp(-(w * w) / 2) / HighPrecision.SquareRoot(2 * HighPrecision.Pi);
        return -w * density / fraction;
    }

    private static HighPrecision Truth(Activation phi, HighPrecision z)
    {
        double sign = (double)z;
        HighPrecision one = 1;
        return phi switch
        {
            Activation.Relu => sign > 0 ? z : 0,
            Activation.Tanh => HighPrecision.Tanh(z),
            Activation.Sigmoid => one / (1 + HighPrecision.Exp(-z)),
            Activation.Softplus => HighPrecision.LogP1(HighPrecision.Exp(z)),
            Activation.Gelu => z * (1 + HighPrecision.Erf(z / HighPrecision.SquareRoot(2))) / 2,
            Activation.Elu => sign > 0 ? z : HighPrecision.ExpM1(z),
            Activation.Silu => z / (1 + HighPrecision.Exp(-z)),
            Activation.Sine => HighPrecision.Sin(z),
            Activation.Hardtanh when sign > 1 => one,
            Activation.Hardtanh when sign < -1 => -one,
            Activation.LeakyRelu when sign <= 0 => z * 0.01,
            Activation.Hardtanh or Activation.LeakyRelu or Activation.Identity => z,
            _ => throw new ArgumentOutOfRangeException(nameof(phi)),
        };
    }

    private static void Compare(
        double[] z,
        double[] results,
        Func<HighPrecision, HighPrecision> truth,
        double tolerance
    )
    {
        for (int i = 0; i < z.Length; i++)
        {
            HighPrecision expected = truth(z[i]);
            double error = Math.Abs((double)(results[i] - expected));
            error.ShouldBeLessThanOrEqualTo(tolerance * (1 + Math.Abs((double)expected)), $"at {z[i]:R}");
        }
    }

    private static void Agree(float[] results, double[] expected)
    {
        for (int i = 0; i < results.Length; i++)
        {
            // Not Shouldly's comparison, for which NaN is small.
            bool near = Math.Abs(results[i] - expected[i]) <= FloatTolerance * (1 + Math.Abs(expected[i]));
            near.ShouldBeTrue($"{results[i]:R} is not {expected[i]:R}");
        }
    }
}
