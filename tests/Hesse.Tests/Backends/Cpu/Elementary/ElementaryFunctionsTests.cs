using Hesse.Backends.Cpu.Elementary;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Tests.Backends.Cpu.Elementary;

[Trait("Category", "Numerical")]
public class ElementaryFunctionsTests
{
    // The promise for doubles.
    private const double MostUlps = 2;

    private delegate void OnDoubles(ReadOnlySpan<double> x, Span<double> result);

    private delegate void OnFloats(ReadOnlySpan<float> x, Span<float> result);

    private sealed record Case(
        OnDoubles Doubles,
        OnFloats Floats,
        Func<HighPrecision, HighPrecision> Truth,
        double[] Arguments
    );

    private static readonly Dictionary<string, Case> Cases = new(StringComparer.Ordinal)
    {
        ["exp"] = new(
            ElementaryFunctions.Exp,
            ElementaryFunctions.Exp,
            HighPrecision.Exp,
            [.. Sweep(40), .. Line(-745, 709.7, 1301), 709.782712893384, -745.13, -708.4]
        ),
        ["expm1"] = new(
            ElementaryFunctions.ExpM1,
            ElementaryFunctions.ExpM1,
            HighPrecision.ExpM1,
            [.. Sweep(40), .. Line(-2, 2, 401), .. Line(-45, 709.7, 701), 709.782712893384]
        ),
        ["log"] = new(
            ElementaryFunctions.Log,
            ElementaryFunctions.Log,
            HighPrecision.Log,
            [.. Sweep(1e308).Where(x => x > 0), .. Line(0.5, 2, 400)]
        ),
        ["log1p"] = new(
            ElementaryFunctions.LogP1,
            ElementaryFunctions.LogP1,
            HighPrecision.LogP1,
            [
                .. Sweep(1e308).Where(x => x > -1),
                .. Line(-0.9999, 3, 600),
                -0.25,
                0.25,
                Math.BitDecrement(0.25),
                -1 + 1e-16,
            ]
        ),
        ["tanh"] = new(
            ElementaryFunctions.Tanh,
            ElementaryFunctions.Tanh,
            HighPrecision.Tanh,
            [.. Sweep(40), .. Line(-3, 3, 600)]
        ),
        ["erf"] = new(
            ElementaryFunctions.Erf,
            ElementaryFunctions.Erf,
            HighPrecision.Erf,
            [.. Sweep(7), .. Line(-7, 7, 401), 0.5, Math.BitDecrement(0.5)]
        ),
        ["sigmoid"] = new(
            ElementaryFunctions.Sigmoid,
            ElementaryFunctions.Sigmoid,
            x => 1 / (1 + HighPrecision.Exp(-x)),
            [.. Sweep(40), .. Line(-700, 700, 701)]
        ),
        ["softplus"] = new(
            ElementaryFunctions.Softplus,
            ElementaryFunctions.Softplus,
            x => HighPrecision.LogP1(HighPrecision.Exp(x)),
            [.. Sweep(40), .. Line(-600, 600, 301)]
        ),
        ["sin"] = new(
            ElementaryFunctions.Sine,
            ElementaryFunctions.Sine,
            HighPrecision.Sin,
            [.. Sweep(1e6), .. Line(-20, 20, 401), .. Enumerable.Range(1, 60).Select(k => k * Math.PI)]
        ),
        ["cos"] = new(
            ElementaryFunctions.Cosine,
            ElementaryFunctions.Cosine,
            x => HighPrecision.Sin(x + (HighPrecision.Pi / 2)),
            [.. Sweep(1e6), .. Line(-20, 20, 401), .. Enumerable.Range(1, 60).Select(k => (k - 0.5) * Math.PI)]
        ),
    };

    public static TheoryData<string> Functions => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Functions))]
    public void Doubles_are_within_two_units_of_the_last_place(string function)
    {
        Case it = Cases[function];
        double[] result = new double[it.Arguments.Length];
        it.Doubles(it.Arguments, result);
        double worst = 0;
        double at = 0;
        for (int i = 0; i < result.Length; i++)
        {
            double ulps = it.Truth(it.Arguments[i]).UlpsFrom(result[i]);
            if (!(ulps <= worst))
            {
                (worst, at) = (ulps, it.Arguments[i]);
            }
        }

        worst.ShouldBeLessThanOrEqualTo(MostUlps, $"{function}({at:R})");
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Floats_are_the_double_result_rounded_once(string function)
    {
        Case it = Cases[function];
        float[] arguments = [.. it.Arguments.Select(x => (float)x).Where(float.IsFinite)];
        float[] result = new float[arguments.Length];
        it.Floats(arguments, result);
        for (int i = 0; i < result.Length; i++)
        {
            double[] exact = new double[1];
            it.Doubles([arguments[i]], exact);
            result[i].ShouldBe((float)exact[0], $"{function}({arguments[i]:R})");
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_value_has_the_same_bits_wherever_it_stands_and_whatever_stands_beside_it(string function)
    {
        Case it = Cases[function];
        double[] arguments = [.. it.Arguments.Take(131)];
        double[] together = new double[arguments.Length];
        it.Doubles(arguments, together);
        double[] beside = [double.NaN, double.PositiveInfinity, 1e300, double.Epsilon, -1e300, 0, 3, -0.5, 0];
        for (int i = 0; i < arguments.Length; i++)
        {
            int place = i % beside.Length;
            double[] row = [.. beside[..place], arguments[i], .. beside[place..]];
            it.Doubles(row, row);
            BitConverter
                .DoubleToInt64Bits(row[place])
                .ShouldBe(BitConverter.DoubleToInt64Bits(together[i]), $"{function}({arguments[i]:R})");
        }
    }

    [Fact]
    public void All_register_widths_give_the_same_bits()
    {
        SameOnAllWidths<ExpFunction>(Cases["exp"].Arguments);
        SameOnAllWidths<ExpM1Function>(Cases["expm1"].Arguments);
        SameOnAllWidths<LogFunction>(Cases["log"].Arguments);
        SameOnAllWidths<LogP1Function>(Cases["log1p"].Arguments);
        SameOnAllWidths<TanhFunction>(Cases["tanh"].Arguments);
        SameOnAllWidths<ErfFunction>(Cases["erf"].Arguments);
        SameOnAllWidths<SigmoidFunction>(Cases["sigmoid"].Arguments);
        SameOnAllWidths<SoftplusFunction>(Cases["softplus"].Arguments);
        SameOnAllWidths<SineFunction>(Cases["sin"].Arguments);
        SameOnAllWidths<CosineFunction>(Cases["cos"].Arguments);
        SameOnAllWidths<GeluSlope>(Cases["erf"].Arguments);
    }

    /// <summary>
    /// The same with AVX2, with 128-bit registers and without any intrinsics (fused multiply-adds in software). Whoever changes
    /// these numbers changes the bits of results that are stored already.
    /// </summary>
    [Theory]
    [InlineData("exp", 17845753605813227561)]
    [InlineData("expm1", 15543310319698873653)]
    [InlineData("log", 9213594380804254303)]
    [InlineData("log1p", 4254244875280102201)]
    [InlineData("tanh", 16936793516705447038)]
    [InlineData("erf", 10340225472901094719)]
    [InlineData("sigmoid", 7677296271680476980)]
    [InlineData("softplus", 6514691719235943291)]
    [InlineData("sin", 10655378026438931626)]
    [InlineData("cos", 15740252019208747094)]
    public void Bits_are_the_recorded_ones_on_every_machine(string function, ulong expected)
    {
        double[] x = new double[1003];
        for (int k = 0; k < x.Length; k++)
        {
            // Exact arithmetic: no elementary function of the platform enters.
            x[k] = (k - 500) * 0.01734 * (k % 7 == 0 ? 1e-5 : 1);
        }

        x = function is "log" ? [.. x.Select(Math.Abs)] : x;
        double[] result = new double[x.Length];
        Cases[function].Doubles(x, result);
        ulong hash = 14695981039346656037;
        foreach (double value in result)
        {
            // The sign and payload of a NaN are the hardware's.
            ulong bits = double.IsNaN(value) ? 1 : BitConverter.DoubleToUInt64Bits(value);
            hash = (hash ^ bits) * 1099511628211;
        }

        hash.ShouldBe(expected);
    }

    [Theory]
    [InlineData("exp", 0.0, 1.0)]
    [InlineData("exp", double.NegativeInfinity, 0.0)]
    [InlineData("exp", -746.0, 0.0)]
    [InlineData("exp", 709.8, double.PositiveInfinity)]
    [InlineData("exp", double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData("expm1", -0.0, -0.0)]
    [InlineData("expm1", double.NegativeInfinity, -1.0)]
    [InlineData("expm1", double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData("expm1", 709.8, double.PositiveInfinity)]
    [InlineData("log", 0.0, double.NegativeInfinity)]
    [InlineData("log", -1.0, double.NaN)]
    [InlineData("log", 1.0, 0.0)]
    [InlineData("log", double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData("log1p", -0.0, -0.0)]
    [InlineData("log1p", -1.0, double.NegativeInfinity)]
    [InlineData("log1p", -1.5, double.NaN)]
    [InlineData("log1p", double.NegativeInfinity, double.NaN)]
    [InlineData("log1p", double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData("tanh", -0.0, -0.0)]
    [InlineData("tanh", double.NegativeInfinity, -1.0)]
    [InlineData("tanh", double.PositiveInfinity, 1.0)]
    [InlineData("erf", -0.0, -0.0)]
    [InlineData("erf", double.NegativeInfinity, -1.0)]
    [InlineData("erf", double.PositiveInfinity, 1.0)]
    [InlineData("sigmoid", double.NegativeInfinity, 0.0)]
    [InlineData("sigmoid", double.PositiveInfinity, 1.0)]
    [InlineData("softplus", double.NegativeInfinity, 0.0)]
    [InlineData("softplus", double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData("sin", -0.0, -0.0)]
    [InlineData("sin", double.PositiveInfinity, double.NaN)]
    [InlineData("cos", 0.0, 1.0)]
    [InlineData("cos", double.PositiveInfinity, double.NaN)]
    public void The_ends_of_the_range(string function, double x, double expected)
    {
        double[] result = new double[1];
        Cases[function].Doubles([x], result);
        if (double.IsNaN(expected))
        {
            result[0].ShouldBe(double.NaN);
        }
        else
        {
            BitConverter.DoubleToInt64Bits(result[0]).ShouldBe(BitConverter.DoubleToInt64Bits(expected));
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void NaN_stays_NaN(string function)
    {
        double[] result = new double[1];
        Cases[function].Doubles([double.NaN], result);
        result[0].ShouldBe(double.NaN);
        float[] single = new float[1];
        Cases[function].Floats([float.NaN], single);
        single[0].ShouldBe(float.NaN);
    }

    private static void SameOnAllWidths<TFunction>(double[] x)
        where TFunction : struct, ILaneFunction
    {
        double[] narrow = new double[x.Length];
        double[] middle = new double[x.Length];
        double[] wide = new double[x.Length];
        ElementWise.InDouble<TFunction, Register128<double>>(x, [], narrow, default);
        ElementWise.InDouble<TFunction, Register256<double>>(x, [], middle, default);
        ElementWise.InDouble<TFunction, Register512<double>>(x, [], wide, default);
        for (int i = 0; i < x.Length; i++)
        {
            long bits = BitConverter.DoubleToInt64Bits(narrow[i]);
            BitConverter.DoubleToInt64Bits(middle[i]).ShouldBe(bits, $"{typeof(TFunction).Name}({x[i]:R})");
            BitConverter.DoubleToInt64Bits(wide[i]).ShouldBe(bits, $"{typeof(TFunction).Name}({x[i]:R})");
        }
    }

    // Both signs, geometric from the smallest subnormal number to the largest asked for, mantissas of every kind.
    private static IEnumerable<double> Sweep(double largest)
    {
        yield return double.Epsilon;
        yield return -double.Epsilon;
        yield return 1e-310;
        yield return 2.2250738585072014e-308;
        for (int k = 0; k < 400; k++)
        {
            double exponent = -300 + (k * (300 + Math.Log10(largest)) / 399);
            double x = Math.Min(largest, Math.Pow(10, exponent) * (1 + (0.1 * Math.Abs(Math.Sin((double)k * k)))));
            yield return x;
            yield return -x;
        }

        for (int k = 0; k < 300; k++)
        {
            double x = Math.Min(largest, Math.Pow(10, -9 + (k * 0.035)));
            yield return x;
            yield return -x;
        }
    }

    private static IEnumerable<double> Line(double from, double to, int count) =>
        Enumerable
            .Range(0, count)
            .Select(i => from + ((to - from) * i / (count - 1)) + (1e-4 * Math.Sin((double)i * i)));
}
