using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>
/// sin and cos of a register. The argument is reduced to x = k pi/2 + r, |r| &lt;= pi/4, with pi/2 in three parts; sin r and cos r are
/// Taylor series up to r^19/19! (what is left out is below 1e-17). Arguments above 2^20 take the platform's own function, lane
/// by lane, so that one far lane changes nothing in the others.
/// </summary>
internal static class Trigonometric
{
    private const double TwoByPi = 0.6366197723675814;
    private const double HalfPi = 1.5707963267948966;
    private const double HalfPiMiddle = 6.123233995736766e-17;
    private const double HalfPiLow = -1.4973849048591698e-33;
    private const double Far = 1048576;

    // 1/19!, -1/17!, ... -1/3!
    private static ReadOnlySpan<double> SineSeries =>
        [
            -1 / 121645100408832000.0,
            1 / 355687428096000.0,
            -1 / 1307674368000.0,
            1 / 6227020800.0,
            -1 / 39916800.0,
            1 / 362880.0,
            -1 / 5040.0,
            1 / 120.0,
            -1 / 6.0,
        ];

    // -1/18!, 1/16!, ... 1/4!
    private static ReadOnlySpan<double> CosineSeries =>
        [
            -1 / 6402373705728000.0,
            1 / 20922789888000.0,
            -1 / 87178291200.0,
            1 / 479001600.0,
            -1 / 3628800.0,
            1 / 40320.0,
            -1 / 720.0,
            1 / 24.0,
        ];

    /// <summary>sin x; less than 1 ulp of error up to |x| = 2^20.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sine<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector result = Quarter(x, TVector.Zero);
        result = TVector.Select(TVector.Equal(x, TVector.Zero), x, result);
        TVector far = IsFar(x);
        return TVector.Any(far) ? Platform(x, result, cosine: false) : result;
    }

    /// <summary>cos x; less than 1 ulp of error up to |x| = 2^20.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Cosine<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector result = Quarter(x, TVector.Broadcast(1));
        TVector far = IsFar(x);
        return TVector.Any(far) ? Platform(x, result, cosine: true) : result;
    }

    // sin(x + ahead pi/2)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Quarter<TVector>(TVector x, TVector ahead)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector one = TVector.Broadcast(1);
        TVector k = Polynomial.Round(TVector.Multiply(x, TVector.Broadcast(TwoByPi)));
        TVector minus = TVector.Subtract(TVector.Zero, k);

        // The first difference is exact. The second one is kept as r and what its product and its sum lose (two-sum): for
        // x close to a multiple of pi/2 r is tiny, and those losses are its digits.
        TVector first = TVector.FusedMultiplyAdd(minus, TVector.Broadcast(HalfPi), x);
        TVector product = TVector.Multiply(minus, TVector.Broadcast(HalfPiMiddle));
        TVector low = TVector.FusedMultiplyAdd(
            minus,
            TVector.Broadcast(HalfPiMiddle),
            TVector.Subtract(TVector.Zero, product)
        );
        TVector r = TVector.Add(first, product);
        TVector part = TVector.Subtract(r, first);
        TVector lost = TVector.Add(TVector.Subtract(first, TVector.Subtract(r, part)), TVector.Subtract(product, part));
        low = TVector.Add(TVector.FusedMultiplyAdd(minus, TVector.Broadcast(HalfPiLow), low), lost);

        // sin(r + low) = r + (low (1 - r^2/2) + r^3 S), cos(r + low) = 1 - r^2/2 + (r^4 C - r low)
        TVector square = TVector.Multiply(r, r);
        TVector half = TVector.Multiply(square, TVector.Broadcast(0.5));
        TVector top = TVector.Subtract(one, half);
        TVector cube = TVector.Multiply(TVector.Multiply(square, r), Polynomial.Evaluate(SineSeries, square));
        TVector sine = TVector.Add(r, TVector.FusedMultiplyAdd(low, top, cube));
        lost = TVector.Subtract(TVector.Subtract(one, top), half);
        TVector fourth = TVector.Multiply(TVector.Multiply(square, square), Polynomial.Evaluate(CosineSeries, square));
        lost = TVector.FusedMultiplyAdd(TVector.Subtract(TVector.Zero, r), low, lost);
        TVector cosine = TVector.Add(top, TVector.Add(lost, fourth));

        // The quadrant 0 .. 3: odd ones take the cosine, the last two the opposite sign.
        TVector turned = TVector.Add(k, ahead);
        TVector four = Polynomial.Round(
            TVector.FusedMultiplyAdd(turned, TVector.Broadcast(0.25), TVector.Broadcast(-0.375))
        );
        TVector quadrant = TVector.FusedMultiplyAdd(four, TVector.Broadcast(-4), turned);
        TVector odd = TVector.Equal(TVector.Absolute(TVector.Subtract(quadrant, TVector.Broadcast(2))), one);
        TVector value = TVector.Select(odd, cosine, sine);
        TVector opposite = TVector.GreaterThan(quadrant, TVector.Broadcast(1.5));
        return TVector.Select(opposite, TVector.Subtract(TVector.Zero, value), value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector IsFar<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double> =>
        TVector.GreaterThan(TVector.Absolute(x), TVector.Broadcast(Far));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe TVector Platform<TVector>(TVector x, TVector result, bool cosine)
        where TVector : unmanaged, IVector<TVector, double>
    {
        double* arguments = stackalloc double[TVector.Count];
        double* values = stackalloc double[TVector.Count];
        TVector.Store(x, arguments);
        TVector.Store(result, values);
        for (int i = 0; i < TVector.Count; i++)
        {
            if (Math.Abs(arguments[i]) > Far)
            {
                values[i] = cosine ? Math.Cos(arguments[i]) : Math.Sin(arguments[i]);
            }
        }

        return TVector.Load(values);
    }
}
