using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>
/// log x and log(1 + x) of a register. The argument is 2^e (1 + f) with sqrt(1/2) &lt; 1 + f &lt;= sqrt(2), and with s = f / (2 + f)
/// log(1 + f) = 2 artanh s = 2s + 2/3 s^3 + 2/5 s^5 + ... up to s^21 (what is left out is below 1e-17 of it).
/// </summary>
internal static class Logarithm
{
    // ln 2 = high + low, high with 32 bits, so that e times high is exact.
    private const double Ln2High = 0.6931471806019545;
    private const double Ln2Low = -4.2009150726810846e-11;
    private const double RootOfTwo = 1.4142135623730951;
    private const double SmallestNormal = 2.2250738585072014e-308;

    // 2/21, 2/19, ... 2/3
    private static ReadOnlySpan<double> AreaTangent =>
        [2 / 21.0, 2 / 19.0, 2 / 17.0, 2 / 15.0, 2 / 13.0, 2 / 11.0, 2 / 9.0, 2 / 7.0, 2 / 5.0, 2 / 3.0];

    /// <summary>log x; less than 1 ulp of error. -infinity at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Log<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        // Subnormal numbers are multiplied by 2^54 first.
        TVector subnormal = TVector.GreaterThan(TVector.Broadcast(SmallestNormal), x);
        TVector u = TVector.Select(subnormal, TVector.Multiply(x, TVector.Broadcast(18014398509481984)), x);
        Split(u, out TVector e, out TVector f);
        e = TVector.Subtract(e, TVector.Select(subnormal, TVector.Broadcast(54), TVector.Zero));
        return AtTheEnds(Combine(e, f, TVector.Zero), x, 0);
    }

    /// <summary>log(1 + x); less than 1 ulp of error. -infinity at -1, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector LogOnePlus<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        // u = 1 + x as rounded, and exactly what that sum loses (Knuth's two-sum), relative to u.
        TVector one = TVector.Broadcast(1);
        TVector u = TVector.Add(one, x);
        TVector part = TVector.Subtract(u, one);
        TVector lost = TVector.Add(TVector.Subtract(one, TVector.Subtract(u, part)), TVector.Subtract(x, part));
        Split(u, out TVector e, out TVector f);
        TVector correction = TVector.Divide(lost, u);

        // Near 0 nothing need be split: f is x itself.
        TVector small = TVector.GreaterThan(TVector.Broadcast(0.25), TVector.Absolute(x));
        e = TVector.Select(small, TVector.Zero, e);
        f = TVector.Select(small, x, f);
        correction = TVector.Select(small, TVector.Zero, correction);
        TVector result = TVector.Select(TVector.Equal(x, TVector.Zero), x, Combine(e, f, correction));
        return AtTheEnds(result, x, -1);
    }

    // u = 2^e (1 + f)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split<TVector>(TVector u, out TVector e, out TVector f)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector one = TVector.Broadcast(1);
        TVector m = TVector.Mantissa(u);
        TVector large = TVector.GreaterThan(m, TVector.Broadcast(RootOfTwo));
        m = TVector.Select(large, TVector.Multiply(m, TVector.Broadcast(0.5)), m);
        e = TVector.Add(TVector.Exponent(u), TVector.Select(large, one, TVector.Zero));
        f = TVector.Subtract(m, one);
    }

    // e ln 2 + log(1 + f) + correction, the large parts e Ln2High + f summed first with what their sum loses:
    // log(1 + f) = f - f^2/2 + s (f^2/2 + series), series = 2/3 s^2 + 2/5 s^4 + ...
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Combine<TVector>(TVector e, TVector f, TVector correction)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector s = TVector.Divide(f, TVector.Add(f, TVector.Broadcast(2)));
        TVector square = TVector.Multiply(s, s);
        TVector series = TVector.Multiply(square, Polynomial.Evaluate(AreaTangent, square));
        TVector half = TVector.Multiply(TVector.Multiply(f, TVector.Broadcast(0.5)), f);
        TVector large = TVector.Multiply(e, TVector.Broadcast(Ln2High));
        TVector high = TVector.Add(large, f);
        TVector lost = TVector.Add(TVector.Subtract(large, high), f);
        TVector low = TVector.FusedMultiplyAdd(e, TVector.Broadcast(Ln2Low), correction);
        low = TVector.Add(low, lost);
        low = TVector.FusedMultiplyAdd(s, TVector.Add(half, series), low);
        return TVector.Add(high, TVector.Subtract(low, half));
    }

    // -infinity where x is the pole, NaN below it, infinity at infinity and NaN at NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AtTheEnds<TVector>(TVector result, TVector x, double pole)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector at = TVector.Broadcast(pole);
        TVector infinity = TVector.Broadcast(double.PositiveInfinity);
        result = TVector.Select(TVector.GreaterThan(infinity, x), result, x);
        result = TVector.Select(TVector.Equal(x, at), TVector.Broadcast(double.NegativeInfinity), result);
        return TVector.Select(TVector.GreaterThan(at, x), TVector.Broadcast(double.NaN), result);
    }
}
