using System.Numerics;

namespace Hesse.Tests.Backends.Cpu.Elementary;

/// <summary>A binary floating-point number of 256 bits, mantissa 2^exponent: what elementary functions are judged by.</summary>
internal readonly struct HighPrecision
{
    private const int Bits = 256;
    private readonly BigInteger _mantissa;
    private readonly int _exponent;

    private HighPrecision(BigInteger mantissa, int exponent)
    {
        int excess = (int)BigInteger.Abs(mantissa).GetBitLength() - Bits;
        _mantissa = excess > 0 ? mantissa >> excess : mantissa;
        _exponent = excess > 0 ? exponent + excess : exponent;
    }

    public static HighPrecision Pi { get; } = ((ArcTangentOfInverse(5) * 4) - ArcTangentOfInverse(239)) * 4;

    public static HighPrecision Ln2 { get; } = LogarithmOfTwo();

    /// <summary>floor(log2 |x|)</summary>
    private int Magnitude => (int)BigInteger.Abs(_mantissa).GetBitLength() - 1 + _exponent;

    public static implicit operator HighPrecision(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        long mantissa = (bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52);
        return new(bits < 0 ? -mantissa : mantissa, Math.Max(exponent, 1) - 1075);
    }

    public static HighPrecision operator +(HighPrecision a, HighPrecision b)
    {
        if (a._mantissa.IsZero || b._mantissa.IsZero)
        {
            return a._mantissa.IsZero ? b : a;
        }

        // A number below the last place of the other one does not count.
        if (a.Magnitude - b.Magnitude > 2 * Bits || b.Magnitude - a.Magnitude > 2 * Bits)
        {
            return a.Magnitude > b.Magnitude ? a : b;
        }

        int exponent = Math.Min(a._exponent, b._exponent);
        return new((a._mantissa << (a._exponent - exponent)) + (b._mantissa << (b._exponent - exponent)), exponent);
    }

    public static HighPrecision operator -(HighPrecision a) => new(-a._mantissa, a._exponent);

    public static HighPrecision operator -(HighPrecision a, HighPrecision b) => a + -b;

    public static HighPrecision operator *(HighPrecision a, HighPrecision b) =>
        new(a._mantissa * b._mantissa, a._exponent + b._exponent);

    public static HighPrecision operator /(HighPrecision a, HighPrecision b) =>
        new((a._mantissa << (2 * Bits)) / b._mantissa, a._exponent - b._exponent - (2 * Bits));

    /// <summary>Negative arguments by the reciprocal: 1 + expm1 would lose them.</summary>
    public static HighPrecision Exp(HighPrecision x) =>
        x._mantissa.Sign < 0 ? 1 / (1 + ExpMinusOne(-x)) : 1 + ExpMinusOne(x);

    /// <summary>The Taylor series where |x| is below 2^-8; else exp by squaring 2^-k x.</summary>
    public static HighPrecision ExpMinusOne(HighPrecision x)
    {
        if (x._mantissa.IsZero)
        {
            return x;
        }

        int halvings = Math.Max(0, x.Magnitude + 8);
        HighPrecision part = Scale(x, -halvings);
        HighPrecision sum = Series(part, part, n => part / (n + 1));
        for (int i = 0; i < halvings; i++)
        {
            // (1 + s)^2 - 1
            sum = sum * (2 + sum);
        }

        return sum;
    }

    /// <summary>2 artanh(x / (2 + x)) after the power of two is taken out.</summary>
    public static HighPrecision LogOnePlus(HighPrecision x)
    {
        int power = 0;
        HighPrecision f = x;
        HighPrecision u = 1 + x;
        if (x.Magnitude >= -3)
        {
            power = u.Magnitude;
            f = Scale(u, -power) - 1;
        }

        HighPrecision s = f / (2 + f);
        return (HighPrecision)power * Ln2 + (2 * AreaTangent(s));
    }

    public static HighPrecision Log(HighPrecision x)
    {
        int power = x.Magnitude;
        HighPrecision f = Scale(x, -power) - 1;
        return (HighPrecision)power * Ln2 + (2 * AreaTangent(f / (2 + f)));
    }

    public static HighPrecision Tanh(HighPrecision x)
    {
        HighPrecision t = ExpMinusOne(2 * x);
        return t / (t + 2);
    }

    /// <summary>2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (1 3 5 ... (2n+1)): all terms of one sign.</summary>
    public static HighPrecision Erf(HighPrecision x)
    {
        HighPrecision square = x * x;
        HighPrecision sum = Series(x, x, n => 2 * square / ((2 * n) + 1));
        return 2 * Exp(-square) * sum / SquareRoot(Pi);
    }

    public static HighPrecision Sin(HighPrecision x)
    {
        HighPrecision turn = 2 * Pi;
        double whole = Math.Round((double)(x / turn));
        HighPrecision r = x - (whole * turn);
        HighPrecision square = r * r;
        return Series(r, r, n => -square / ((2 * n) * ((2 * n) + 1)));
    }

    public static HighPrecision SquareRoot(HighPrecision x)
    {
        HighPrecision root = Math.Sqrt((double)x);
        for (int i = 0; i < 4; i++)
        {
            root = (root + (x / root)) * 0.5;
        }

        return root;
    }

    /// <summary>Approximate (truncated) value.</summary>
    public static explicit operator double(HighPrecision x)
    {
        int excess = Math.Max(0, (int)BigInteger.Abs(x._mantissa).GetBitLength() - 60);
        return Math.ScaleB((double)(x._mantissa >> excess), x._exponent + excess);
    }

    /// <summary>|value - this| in units of the last place of this as a double.</summary>
    public double UlpsFrom(double value)
    {
        if (_mantissa.IsZero)
        {
            return value == 0 ? 0 : double.PositiveInfinity;
        }

        int lastPlace = Math.Max(Magnitude - 52, -1074);
        return Math.Abs((double)Scale(value - this, -lastPlace));
    }

    private static HighPrecision Scale(HighPrecision x, int power) => new(x._mantissa, x._exponent + power);

    // sum + term r(1) + term r(1) r(2) + ... until the terms no longer count.
    private static HighPrecision Series(HighPrecision sum, HighPrecision term, Func<int, HighPrecision> ratio)
    {
        for (int n = 1; !term._mantissa.IsZero && term.Magnitude > sum.Magnitude - Bits; n++)
        {
            term *= ratio(n);
            sum += term;
        }

        return sum;
    }

    private static HighPrecision AreaTangent(HighPrecision s)
    {
        HighPrecision square = s * s;
        HighPrecision sum = s;
        HighPrecision power = s;
        for (int n = 3; !power._mantissa.IsZero && power.Magnitude > sum.Magnitude - Bits; n += 2)
        {
            power *= square;
            sum += power / n;
        }

        return sum;
    }

    private static HighPrecision ArcTangentOfInverse(int n)
    {
        HighPrecision sum = (HighPrecision)1 / n;
        HighPrecision power = sum;
        HighPrecision square = -(double)(n * n);
        for (int k = 3; power.Magnitude > -Bits - 8; k += 2)
        {
            power /= square;
            sum += power / k;
        }

        return sum;
    }

    private static HighPrecision LogarithmOfTwo() => 2 * AreaTangent((HighPrecision)1 / 3);
}
