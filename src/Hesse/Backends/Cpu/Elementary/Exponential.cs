using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>
/// exp and exp - 1 of a register. The argument is reduced to x = k ln 2 + r, |r| &lt;= ln(2)/2, where exp(r) is the Taylor
/// series up to r^13/13! (what is left out is below 5e-18).
/// </summary>
internal static class Exponential
{
    private const double Log2OfE = 1.4426950408889634;
    private const double Ln2High = 0.6931471805599453;
    private const double Ln2Low = 2.3190468138462996e-17;

    // exp overflows above 709.79 and is 0 below -745.14.
    private const double Largest = 710;
    private const double Smallest = -746;

    // 1/13!, 1/12!, ... 1/2!
    private static ReadOnlySpan<double> Taylor =>
        [
            1 / 6227020800.0,
            1 / 479001600.0,
            1 / 39916800.0,
            1 / 3628800.0,
            1 / 362880.0,
            1 / 40320.0,
            1 / 5040.0,
            1 / 720.0,
            1 / 120.0,
            1 / 24.0,
            1 / 6.0,
            1 / 2.0,
        ];

    /// <summary>exp(x + low) for |low| far below |x|; less than 1 ulp of error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TVector>(TVector x, TVector low)
        where TVector : unmanaged, IVector<TVector, double>
    {
        x = Clamp(x, Smallest);
        Reduce(x, low, out TVector k, out TVector r, out TVector tail);

        // 2^k in two factors: k reaches from -1076 to 1024, beyond the exponents of normal numbers.
        TVector half = Polynomial.Round(TVector.Multiply(k, TVector.Broadcast(0.5)));
        TVector first = TVector.PowerOfTwo(half);
        TVector second = TVector.PowerOfTwo(TVector.Subtract(k, half));
        return TVector.Multiply(TVector.FusedMultiplyAdd(first, TVector.Add(r, tail), first), second);
    }

    /// <summary>exp(x) - 1; less than 1 ulp of error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ExpMinusOne<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        // Below -50 the answer is -1 whatever x is.
        ExpMinusOneParts(Clamp(x, -50), out TVector high, out TVector low, out TVector factor);
        TVector result = TVector.Multiply(TVector.Add(high, low), factor);

        // Keeps the sign of a zero.
        return TVector.Select(TVector.Equal(x, TVector.Zero), x, result);
    }

    /// <summary>exp(x) - 1 = (high + low) factor for -50 &lt;= x &lt;= 710, with high + low good to well below an ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ExpMinusOneParts<TVector>(TVector x, out TVector high, out TVector low, out TVector factor)
        where TVector : unmanaged, IVector<TVector, double>
    {
        Reduce(x, TVector.Zero, out TVector k, out TVector r, out TVector tail);

        // 2^1024 is no number: one factor 2 is kept back.
        TVector over = TVector.Select(
            TVector.GreaterThan(k, TVector.Broadcast(1023)),
            TVector.Broadcast(1),
            TVector.Zero
        );
        TVector scale = TVector.PowerOfTwo(TVector.Subtract(k, over));
        factor = TVector.PowerOfTwo(over);
        TVector one = TVector.Divide(TVector.Broadcast(1), factor);

        // (2^k - 1) + 2^k r, and exactly what that sum loses; then 2^k (exp(r) - 1 - r).
        TVector whole = TVector.Subtract(scale, one);
        high = TVector.FusedMultiplyAdd(scale, r, whole);
        TVector lost = TVector.FusedMultiplyAdd(scale, r, TVector.Subtract(whole, high));
        low = TVector.FusedMultiplyAdd(scale, tail, lost);
    }

    // x + low = k ln 2 + r + rest; tail = exp(r + rest) - 1 - r. r is exact: x and k Ln2High are multiples of the last
    // place of a number below 1, and so close to each other that their difference fits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce<TVector>(TVector x, TVector low, out TVector k, out TVector r, out TVector tail)
        where TVector : unmanaged, IVector<TVector, double>
    {
        k = Polynomial.Round(TVector.Multiply(x, TVector.Broadcast(Log2OfE)));
        r = TVector.FusedMultiplyAdd(k, TVector.Broadcast(-Ln2High), x);
        TVector rest = TVector.FusedMultiplyAdd(k, TVector.Broadcast(-Ln2Low), low);
        TVector series = TVector.Multiply(TVector.Multiply(r, r), Polynomial.Evaluate(Taylor, r));

        // exp(r + rest) = exp(r) + rest exp(r), and exp(r) - 1 = r + series.
        tail = TVector.Add(series, TVector.FusedMultiplyAdd(rest, TVector.Add(r, series), rest));
    }

    // NaN stays NaN: both comparisons are false.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Clamp<TVector>(TVector x, double smallest)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector upper = TVector.Broadcast(Largest);
        TVector lower = TVector.Broadcast(smallest);
        x = TVector.Select(TVector.GreaterThan(x, upper), upper, x);
        return TVector.Select(TVector.GreaterThan(lower, x), lower, x);
    }
}
