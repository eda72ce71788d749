using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>
/// exp in float arithmetic, within 1 ulp: the softmax takes one a class and sample, so going through
/// double would show in every training step. x = k ln 2 + r, |r| &lt;= ln(2)/2; exp(r) is the Taylor series up to r^7/7! (what is left out is below 6e-9).
/// </summary>
internal readonly struct SingleExponential : IArithmeticFunction
{
    private const double Log2OfE = 1.4426950408889634;

    // ln 2 rounded to float, and what that leaves.
    private const double Ln2High = 0.693147182464599609375;
    private const double Ln2Low = -1.904654299957767e-9;

    // exp overflows above 88.73 and is 0 below -103.98.
    private const double Largest = 89;
    private const double Smallest = -105;

    // Numbers of the size of 1.5 2^23 are integers: adding and subtracting this rounds to the nearest one.
    private const double Shift = 12582912;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // NaN stays NaN: both comparisons are false.
        TVector x = TVector.Select(
            TVector.GreaterThan(z, Constant<TVector, T>(Largest)),
            Constant<TVector, T>(Largest),
            z
        );
        x = TVector.Select(TVector.GreaterThan(Constant<TVector, T>(Smallest), x), Constant<TVector, T>(Smallest), x);
        TVector k = Round<TVector, T>(TVector.Multiply(x, Constant<TVector, T>(Log2OfE)));
        TVector r = TVector.FusedMultiplyAdd(k, Constant<TVector, T>(-Ln2High), x);
        r = TVector.FusedMultiplyAdd(k, Constant<TVector, T>(-Ln2Low), r);

        // 1/2 + r/6 + r^2/24 + ... in two chains, for latency.
        TVector square = TVector.Multiply(r, r);
        TVector even = TVector.FusedMultiplyAdd(
            square,
            Constant<TVector, T>(1 / 720.0),
            Constant<TVector, T>(1 / 24.0)
        );
        TVector odd = TVector.FusedMultiplyAdd(
            square,
            Constant<TVector, T>(1 / 5040.0),
            Constant<TVector, T>(1 / 120.0)
        );
        even = TVector.FusedMultiplyAdd(even, square, Constant<TVector, T>(0.5));
        odd = TVector.FusedMultiplyAdd(odd, square, Constant<TVector, T>(1 / 6.0));
        TVector series = TVector.FusedMultiplyAdd(TVector.FusedMultiplyAdd(odd, r, even), square, r);

        // 2^k in two factors: k reaches from -151 to 128, beyond the exponents of normal numbers.
        TVector half = Round<TVector, T>(TVector.Multiply(k, Constant<TVector, T>(0.5)));
        TVector first = TVector.PowerOfTwo(half);
        TVector second = TVector.PowerOfTwo(TVector.Subtract(k, half));
        return TVector.Multiply(TVector.FusedMultiplyAdd(first, series, first), second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Round<TVector, T>(TVector x)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TVector.Subtract(TVector.Add(x, Constant<TVector, T>(Shift)), Constant<TVector, T>(Shift));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Constant<TVector, T>(double value)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => TVector.Broadcast(T.CreateTruncating(value));
}
