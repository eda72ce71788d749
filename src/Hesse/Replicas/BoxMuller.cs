namespace Hesse.Replicas;

/// <summary>
/// Two uniforms into two normals. Logarithm, sine and cosine are written out in additions, multiplications and divisions, whose
/// results IEEE 754 fixes: what is drawn has the same bits on every machine, whatever its C library. At most 3 ulp each.
/// </summary>
internal static class BoxMuller
{
    // log 2 in two parts; the upper one has 32 bits, so its product with an exponent is exact.
    private const double LogTwoHigh = 0.6931471803691238;
    private const double LogTwoLow = 1.9082149292705877e-10;

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

    /// <summary>log u = e log 2 + 2 artanh((m - 1) / (m + 1)) with u = 2^e m, m in [sqrt(1/2), sqrt 2); u normal and positive.</summary>
    internal static double Log(double u)
    {
        long bits = BitConverter.DoubleToInt64Bits(u);
        int exponent = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | (1023L << 52));
        if (m > 1.4142135623730951)
        {
            m /= 2;
            exponent++;
        }

        double s = (m - 1) / (m + 1);
        double z = s * s;
        // z <= 0.0295: the first term left out is below 2^-57 of the sum.
        double tail = 1.0 / 23;
        tail = (tail * z) + (1.0 / 21);
        tail = (tail * z) + (1.0 / 19);
        tail = (tail * z) + (1.0 / 17);
        tail = (tail * z) + (1.0 / 15);
        tail = (tail * z) + (1.0 / 13);
        tail = (tail * z) + (1.0 / 11);
        tail = (tail * z) + (1.0 / 9);
        tail = (tail * z) + (1.0 / 7);
        tail = (tail * z) + (1.0 / 5);
        tail = (tail * z) + (1.0 / 3);
        double small = (2 * s) + (2 * s * (z * tail));
        return (exponent * LogTwoHigh) + ((exponent * LogTwoLow) + small);
    }

    /// <summary>Taylor's series to x^17; |x| &lt;= pi/4.</summary>
    internal static double Sine(double x)
    {
        double z = x * x;
        double tail = 1.0 / 355687428096000;
        tail = (tail * z) - (1.0 / 1307674368000);
        tail = (tail * z) + (1.0 / 6227020800);
        tail = (tail * z) - (1.0 / 39916800);
        tail = (tail * z) + (1.0 / 362880);
        tail = (tail * z) - (1.0 / 5040);
        tail = (tail * z) + (1.0 / 120);
        tail = (tail * z) - (1.0 / 6);
        return x + (x * (z * tail));
    }

    /// <summary>Taylor's series to x^18; |x| &lt;= pi/4.</summary>
    internal static double Cosine(double x)
    {
        double z = x * x;
        double tail = -1.0 / 6402373705728000;
        tail = (tail * z) + (1.0 / 20922789888000);
        tail = (tail * z) - (1.0 / 87178291200);
        tail = (tail * z) + (1.0 / 479001600);
        tail = (tail * z) - (1.0 / 3628800);
        tail = (tail * z) + (1.0 / 40320);
        tail = (tail * z) - (1.0 / 720);
        tail = (tail * z) + (1.0 / 24);
        tail = (tail * z) - 0.5;
        return 1 + (z * tail);
    }
}
