using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>Polynomials by Horner's rule with fused multiply-add, and rounding.</summary>
internal static class Polynomial
{
    /// <summary>c[0] x^n + c[1] x^(n-1) + ... + c[n], n >= 1; even and odd powers are two chains, for latency.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Evaluate<TVector>(ReadOnlySpan<double> coefficients, TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector square = TVector.Multiply(x, x);
        TVector first = TVector.Broadcast(coefficients[0]);
        TVector second = TVector.Broadcast(coefficients[1]);
        int i = 2;
        for (; i + 1 < coefficients.Length; i += 2)
        {
            first = TVector.FusedMultiplyAdd(first, square, TVector.Broadcast(coefficients[i]));
            second = TVector.FusedMultiplyAdd(second, square, TVector.Broadcast(coefficients[i + 1]));
        }

        // Of an odd number of coefficients the last one ends the first chain.
        return i == coefficients.Length
            ? TVector.FusedMultiplyAdd(first, x, second)
            : TVector.FusedMultiplyAdd(
                second,
                x,
                TVector.FusedMultiplyAdd(first, square, TVector.Broadcast(coefficients[i]))
            );
    }

    /// <summary>The nearest integer, ties to even, for |x| below 2^51.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Round<TVector>(TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        // Numbers of the size of 1.5 2^52 are integers, so the sum is rounded to one.
        TVector shift = TVector.Broadcast(6755399441055744.0);
        return TVector.Subtract(TVector.Add(x, shift), shift);
    }
}
