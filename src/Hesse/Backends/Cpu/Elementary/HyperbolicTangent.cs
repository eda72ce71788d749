using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>tanh of a register.</summary>
internal static class HyperbolicTangent
{
    /// <summary>tanh x = t / (t + 2) with t = exp(2|x|) - 1, and the sign of x; less than 1 ulp of error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        // tanh 20 rounds to 1.
        TVector limit = TVector.Broadcast(20);
        TVector two = TVector.Broadcast(2);
        TVector y = TVector.Absolute(x);
        y = TVector.Select(TVector.GreaterThan(y, limit), limit, y);
        Exponential.ExpMinusOneParts(TVector.Multiply(y, two), out TVector high, out TVector low, out _);

        // t and t + 2, each as a number and what rounding took from it.
        TVector t = TVector.Add(high, low);
        TVector restOfT = TVector.Add(TVector.Subtract(high, t), low);
        TVector sum = TVector.Add(t, two);
        TVector part = TVector.Subtract(sum, t);
        TVector restOfSum = TVector.Add(
            TVector.Add(TVector.Subtract(t, TVector.Subtract(sum, part)), TVector.Subtract(two, part)),
            restOfT
        );

        // One step of Newton's division takes both rests in.
        TVector inverse = TVector.Divide(TVector.Broadcast(1), sum);
        TVector quotient = TVector.Multiply(t, inverse);
        TVector negative = TVector.Subtract(TVector.Zero, quotient);
        TVector remainder = TVector.FusedMultiplyAdd(negative, sum, t);
        remainder = TVector.Add(remainder, TVector.FusedMultiplyAdd(negative, restOfSum, restOfT));
        return TVector.CopySign(TVector.FusedMultiplyAdd(remainder, inverse, quotient), x);
    }
}
