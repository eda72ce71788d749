using System.Numerics;

namespace Hesse.Replicas;

/// <summary>
/// Two uniforms into two normals. Logarithm, sine and cosine are written out in additions, multiplications and divisions, whose
/// results IEEE 754 fixes: what is drawn has the same bits on every machine, whatever its C library. At most 3 ulp each. Registers do the
/// same operations in the same order, number by number.
/// </summary>
internal static class BoxMuller
{
    // log 2 in two parts; the upper one has 32 bits, so its product with an exponent is exact.
    private const double LogTwoHigh = 0.6931471803691238;
    private const double LogTwoLow = 1.9082149292705877e-10;
    private const double SquareRootOfTwo = 1.4142135623730951;
    private const long MantissaBits = 0xFFFFFFFFFFFFF;
    private const long OneBits = 1023L << 52; // of 1.0

    // 2^52 and its bits.
    private const double Large = 1L << 52;
    private const long LargeBits = 1075L << 52;

    // z <= 0.0295: the first term left out is below 2^-57 of the sum.
    private static ReadOnlySpan<double> LogTail =>
        [1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3];

    private static ReadOnlySpan<double> SineTail =>
        [
            1.0 / 355687428096000,
            -1.0 / 1307674368000,
            1.0 / 6227020800,
            -1.0 / 39916800,
            1.0 / 362880,
            -1.0 / 5040,
            1.0 / 120,
            -1.0 / 6,
        ];

    private static ReadOnlySpan<double> CosineTail =>
        [
            -1.0 / 6402373705728000,
            1.0 / 20922789888000,
            -1.0 / 87178291200,
            1.0 / 479001600,
            -1.0 / 3628800,
            1.0 / 40320,
            -1.0 / 720,
            1.0 / 24,
            -0.5,
        ];

    /// <summary>sqrt(-2 log u) (cos 2 pi v, sin 2 pi v) for u, v in (0,1).</summary>
    public static (double Even, double Odd) Pair(double u, double v)
    {
        double radius = Math.Sqrt(-2 * Log(u));
        // Quarter turns: 4 v - turns is exact, and what is left lies in [-pi/4, pi/4].
        double turns = Math.Floor((4 * v) + 0.5);
        double angle = ((4 * v) - turns) * (Math.PI / 2);
        double sine = radius * Sine(angle);
        double cosine = radius * Cosine(angle);
        return ((int)turns & 3) switch
        {
            0 => (cosine, sine),
            1 => (-sine, cosine),
            2 => (-cosine, -sine),
            _ => (sine, -cosine),
        };
    }

    /// <summary>The same for registers of pairs.</summary>
    public static (Vector<double> Even, Vector<double> Odd) Pair(Vector<double> u, Vector<double> v)
    {
        Vector<double> radius = Vector.SquareRoot(-2 * Log(u));
        Vector<double> turns = Vector.Floor((4 * v) + new Vector<double>(0.5));
        Vector<double> angle = ((4 * v) - turns) * (Math.PI / 2);
        Vector<double> sine = radius * Sine(angle);
        Vector<double> cosine = radius * Cosine(angle);
        // 0 to 4 quarter turns.
        Vector<long> one = Vector.Equals(turns, Vector<double>.One);
        Vector<long> two = Vector.Equals(turns, new Vector<double>(2));
        Vector<long> three = Vector.Equals(turns, new Vector<double>(3));
        Vector<double> even = Vector.ConditionalSelect(one | three, sine, cosine);
        Vector<double> odd = Vector.ConditionalSelect(one | three, cosine, sine);
        return (Vector.ConditionalSelect(one | two, -even, even), Vector.ConditionalSelect(two | three, -odd, odd));
    }

    /// <summary>log u = e log 2 + 2 artanh((m - 1) / (m + 1)) with u = 2^e m, m in [sqrt(1/2), sqrt 2); u normal and positive.</summary>
    internal static double Log(double u)
    {
        long bits = BitConverter.DoubleToInt64Bits(u);
        int exponent = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & MantissaBits) | OneBits);
        if (m > SquareRootOfTwo)
        {
            m /= 2;
            exponent++;
        }

        double s = (m - 1) / (m + 1);
        double z = s * s;
        double small = (2 * s) + (2 * s * (z * Series(z, LogTail)));
        return (exponent * LogTwoHigh) + ((exponent * LogTwoLow) + small);
    }

    /// <summary>The same for a register.</summary>
    internal static Vector<double> Log(Vector<double> u)
    {
        Vector<long> bits = Vector.AsVectorInt64(u);
        // An exponent in the last bits of 2^52 is an exact number without any conversion.
        Vector<long> biased = Vector.BitwiseOr(bits >>> 52, new Vector<long>(LargeBits));
        Vector<double> exponent = Vector.AsVectorDouble(biased) - new Vector<double>(Large + 1023);
        Vector<double> m = Vector.AsVectorDouble((bits & new Vector<long>(MantissaBits)) | new Vector<long>(OneBits));
        Vector<long> upper = Vector.GreaterThan(m, new Vector<double>(SquareRootOfTwo));
        m = Vector.ConditionalSelect(upper, m * 0.5, m);
        exponent = Vector.ConditionalSelect(upper, exponent + Vector<double>.One, exponent);
        Vector<double> s = (m - Vector<double>.One) / (m + Vector<double>.One);
        Vector<double> z = s * s;
        Vector<double> small = (2 * s) + (2 * s * (z * Series(z, LogTail)));
        return (exponent * LogTwoHigh) + ((exponent * LogTwoLow) + small);
    }

    /// <summary>Taylor's series to x^17; |x| &lt;= pi/4.</summary>
    internal static double Sine(double x)
    {
        double z = x * x;
        return x + (x * (z * Series(z, SineTail)));
    }

    /// <summary>The same for a register.</summary>
    internal static Vector<double> Sine(Vector<double> x)
    {
        Vector<double> z = x * x;
        return x + (x * (z * Series(z, SineTail)));
    }

    /// <summary>Taylor's series to x^18; |x| &lt;= pi/4.</summary>
    internal static double Cosine(double x)
    {
        double z = x * x;
        return 1 + (z * Series(z, CosineTail));
    }

    /// <summary>The same for a register.</summary>
    internal static Vector<double> Cosine(Vector<double> x)
    {
        Vector<double> z = x * x;
        return Vector<double>.One + (z * Series(z, CosineTail));
    }

    // Horner's rule, the highest power first.
    private static double Series(double z, ReadOnlySpan<double> coefficients)
    {
        double sum = coefficients[0];
        for (int i = 1; i < coefficients.Length; i++)
        {
            sum = (sum * z) + coefficients[i];
        }

        return sum;
    }

    private static Vector<double> Series(Vector<double> z, ReadOnlySpan<double> coefficients)
    {
        Vector<double> sum = new(coefficients[0]);
        for (int i = 1; i < coefficients.Length; i++)
        {
            sum = (sum * z) + new Vector<double>(coefficients[i]);
        }

        return sum;
    }
}
