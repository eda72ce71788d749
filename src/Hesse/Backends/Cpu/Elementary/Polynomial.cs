using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>Polynomials by Horner's rule with fused multiply-add.</summary>
internal static class Polynomial
{
    /// <summary>c[0] x^n + c[1] x^(n-1) + ... + c[n]</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Evaluate<TVector>(ReadOnlySpan<double> coefficients, TVector x)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector sum = TVector.Broadcast(coefficients[0]);
        for (int i = 1; i < coefficients.Length; i++)
        {
            sum = TVector.FusedMultiplyAdd(sum, x, TVector.Broadcast(coefficients[i]));
        }

        return sum;
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
