using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>
/// erf and the normal distribution of a register. Below 1/2, erf is its Taylor series; above, 1 - exp(-x^2) erfcx(x), where
/// (1 + 2x) erfcx(x) is a polynomial in t = (x - 3.75) / (x + 3.75), Chebyshev series to degree 24 over 0 &lt;= x &lt; infinity,
/// computed with 120 digits (what is left out is below 5e-18).
/// </summary>
internal static class ErrorFunction
{
    private const double TwoByRootOfPi = 1.1283791670955126;
    private const double TwoByRootOfPiLow = 1.533545961316588e-17;
    private const double RootOfHalf = 0.7071067811865476;

    /// <summary>1 / sqrt(2 pi)</summary>
    private const double DensityAtZero = 0.3989422804014327;

    // 2/sqrt(pi) (-1)^n / (n! (2n + 1)) for n = 13 .. 1
    private static ReadOnlySpan<double> Taylor =>
        [
            -6.7113668551641105e-12,
            9.422759064650411e-11,
            -1.2290555301717928e-09,
            1.4807192815879218e-08,
            -1.6365844691234924e-07,
            1.6462114365889248e-06,
            -1.492565035840625e-05,
            0.00012055332981789664,
            -0.0008548327023450853,
            0.005223977625442188,
            -0.026866170645131252,
            0.11283791670955126,
            -0.37612638903183754,
        ];

    private static ReadOnlySpan<double> Chebyshev =>
        [
            4.2514714447963895e-10,
            3.1114333809799254e-10,
            -5.1739902140113095e-09,
            -3.744210080962018e-09,
            3.8675334242222354e-08,
            2.3263508708859124e-08,
            -2.5866850716155884e-07,
            -5.7218230603224086e-08,
            1.751637648849062e-06,
            -9.73559896736775e-07,
            -1.1444146237700524e-05,
            2.238423915508223e-05,
            5.164909889268241e-05,
            -0.0002901540805408417,
            0.0002937136655913448,
            0.0017556258528952954,
            -0.009746579558029276,
            0.028362277418956406,
            -0.05869339858963677,
            0.09230432116037748,
            -0.10880393014174886,
            0.0822767384901452,
            0.0035854154854644293,
            -0.14024059858554697,
            1.2375126308378275,
        ];

    /// <summary>erf x; less than 2 ulp of error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Erf<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector square = TVector.Multiply(x, x);
        TVector series = TVector.FusedMultiplyAdd(
            Polynomial.Evaluate(Taylor, square),
            square,
            TVector.Broadcast(TwoByRootOfPiLow)
        );
        TVector near = TVector.FusedMultiplyAdd(x, TVector.Broadcast(TwoByRootOfPi), TVector.Multiply(x, series));

        // erf 6 rounds to 1.
        TVector y = Limit(TVector.Absolute(x), 6);
        TVector high = TVector.Multiply(y, y);
        TVector minusHigh = TVector.Subtract(TVector.Zero, high);
        TVector minusLow = TVector.Subtract(TVector.Zero, TVector.FusedMultiplyAdd(y, y, minusHigh));
        TVector complement = TVector.Multiply(Exponential.Exp(minusHigh, minusLow), Scaled(y));
        TVector far = TVector.CopySign(TVector.Subtract(TVector.Broadcast(1), complement), x);
        TVector isNear = TVector.GreaterThan(TVector.Broadcast(0.5), y);

        // Keeps the sign of a zero.
        near = TVector.CopySign(near, x);
        return TVector.Select(isNear, near, far);
    }

    /// <summary>
    /// The normal distribution function Phi(z) and density phi(z) = exp(-z^2/2) / sqrt(2 pi), both with a small relative error in
    /// the left tail too.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Normal<TVector>(TVector z, out TVector distribution, out TVector density)
        where TVector : unmanaged, IVector<TVector, double>
    {
        // exp(-39^2/2) is 0.
        TVector half = TVector.Broadcast(0.5);
        TVector w = Limit(TVector.Absolute(z), 39);
        TVector square = TVector.Multiply(w, w);
        TVector lost = TVector.FusedMultiplyAdd(w, w, TVector.Subtract(TVector.Zero, square));
        TVector minusHalf = TVector.Broadcast(-0.5);
        TVector bell = Exponential.Exp(TVector.Multiply(square, minusHalf), TVector.Multiply(lost, minusHalf));
        density = TVector.Multiply(bell, TVector.Broadcast(DensityAtZero));
        TVector scaled = Scaled(TVector.Multiply(w, TVector.Broadcast(RootOfHalf)));
        TVector tail = TVector.Multiply(TVector.Multiply(bell, half), scaled);
        distribution = TVector.Select(
            TVector.GreaterThan(z, TVector.Zero),
            TVector.Subtract(TVector.Broadcast(1), tail),
            tail
        );
    }

    // erfcx(x) = exp(x^2) erfc(x) for x >= 0
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Scaled<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector centre = TVector.Broadcast(3.75);
        TVector t = TVector.Divide(TVector.Subtract(x, centre), TVector.Add(x, centre));
        TVector denominator = TVector.FusedMultiplyAdd(x, TVector.Broadcast(2), TVector.Broadcast(1));
        return TVector.Divide(Polynomial.Evaluate(Chebyshev, t), denominator);
    }

    // NaN stays NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Limit<TVector>(TVector x, double largest)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector limit = TVector.Broadcast(largest);
        return TVector.Select(TVector.GreaterThan(x, limit), limit, x);
    }
}
