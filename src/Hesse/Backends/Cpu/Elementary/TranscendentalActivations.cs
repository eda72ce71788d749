using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>z for z &gt; 0, else exp(z) - 1.</summary>
internal readonly struct EluFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> =>
        TVector.Select(TVector.GreaterThan(z, TVector.Zero), z, Exponential.ExpMinusOne(z));
}

/// <summary>s (1 - s) with s = 1 / (1 + exp(-z)), as e / (1 + e)^2 with e = exp(-|z|).</summary>
internal readonly struct SoftplusBend : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector e = Exponential.Exp(TVector.Subtract(TVector.Zero, TVector.Absolute(z)), TVector.Zero);
        TVector sum = TVector.Add(TVector.Broadcast(1), e);
        return TVector.Divide(TVector.Divide(e, sum), sum);
    }
}

/// <summary>z s with s = 1 / (1 + exp(-z)).</summary>
internal readonly struct SiluFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> => TVector.Multiply(z, SigmoidFunction.Apply(z, a));
}

/// <summary>s (1 + z (1 - s))</summary>
internal readonly struct SiluSlope : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector one = TVector.Broadcast(1);
        TVector s = SigmoidFunction.Apply(z, z);
        return TVector.Multiply(s, TVector.FusedMultiplyAdd(z, TVector.Subtract(one, s), one));
    }
}

/// <summary>s (1 - s) (2 + z (1 - 2s))</summary>
internal readonly struct SiluBend : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector s = SigmoidFunction.Apply(z, z);
        TVector skew = TVector.Subtract(TVector.Broadcast(1), TVector.Add(s, s));
        TVector factor = TVector.FusedMultiplyAdd(z, skew, TVector.Broadcast(2));
        return TVector.Multiply(SoftplusBend.Apply(z, a), factor);
    }
}

/// <summary>z Phi(z)</summary>
internal readonly struct GeluFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double>
    {
        ErrorFunction.Normal(z, out TVector distribution, out _);
        return TVector.Multiply(z, distribution);
    }
}

/// <summary>Phi(z) + z phi(z) with the normal density phi.</summary>
internal readonly struct GeluSlope : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double>
    {
        ErrorFunction.Normal(z, out TVector distribution, out TVector density);
        return TVector.FusedMultiplyAdd(z, density, distribution);
    }
}

/// <summary>phi(z) (2 - z^2)</summary>
internal readonly struct GeluBend : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double>
    {
        ErrorFunction.Normal(z, out _, out TVector density);
        TVector factor = TVector.Subtract(TVector.Broadcast(2), TVector.Multiply(z, z));
        return TVector.Multiply(density, factor);
    }
}
