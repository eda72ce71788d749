using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>max(z, 0); NaN stays NaN.</summary>
internal readonly struct ReluFunction : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TVector.Select(TVector.GreaterThan(TVector.Zero, z), TVector.Zero, z);
}

/// <summary>1 for z &gt; 0, else 0.</summary>
internal readonly struct ReluSlope : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TVector.Select(TVector.GreaterThan(z, TVector.Zero), TVector.Broadcast(T.One), TVector.Zero);
}

/// <summary>z for z &gt; 0, else 0.01 z.</summary>
internal readonly struct LeakyReluFunction : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TVector.Multiply(z, LeakyReluSlope.Apply<TVector, T>(z, a));
}

/// <summary>1 for z &gt; 0, else 0.01.</summary>
internal readonly struct LeakyReluSlope : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TVector.Select(
            TVector.GreaterThan(z, TVector.Zero),
            TVector.Broadcast(T.One),
            TVector.Broadcast(T.CreateTruncating(0.01))
        );
}

/// <summary>z clipped to [-1, 1]; NaN stays NaN.</summary>
internal readonly struct HardtanhFunction : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TVector one = TVector.Broadcast(T.One);
        TVector minus = TVector.Broadcast(T.NegativeOne);
        z = TVector.Select(TVector.GreaterThan(z, one), one, z);
        return TVector.Select(TVector.GreaterThan(minus, z), minus, z);
    }
}

/// <summary>1 for |z| &lt; 1, else 0.</summary>
internal readonly struct HardtanhSlope : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TVector one = TVector.Broadcast(T.One);
        return TVector.Select(TVector.GreaterThan(one, TVector.Absolute(z)), one, TVector.Zero);
    }
}

/// <summary>1 - a^2 = (1 - a)(1 + a)</summary>
internal readonly struct TanhSlope : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TVector one = TVector.Broadcast(T.One);
        return TVector.Multiply(TVector.Subtract(one, a), TVector.Add(one, a));
    }
}

/// <summary>-2 a (1 - a^2)</summary>
internal readonly struct TanhBend : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TVector twice = TVector.Multiply(a, TVector.Broadcast(T.CreateTruncating(-2)));
        return TVector.Multiply(twice, TanhSlope.Apply<TVector, T>(z, a));
    }
}

/// <summary>a (1 - a)</summary>
internal readonly struct SigmoidSlope : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TVector.Multiply(a, TVector.Subtract(TVector.Broadcast(T.One), a));
}

/// <summary>a (1 - a) (1 - 2a)</summary>
internal readonly struct SigmoidBend : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TVector skew = TVector.Subtract(TVector.Broadcast(T.One), TVector.Add(a, a));
        return TVector.Multiply(SigmoidSlope.Apply<TVector, T>(z, a), skew);
    }
}

/// <summary>1 for z &gt; 0, else exp z = a + 1.</summary>
internal readonly struct EluSlope : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TVector one = TVector.Broadcast(T.One);
        return TVector.Select(TVector.GreaterThan(z, TVector.Zero), one, TVector.Add(a, one));
    }
}

/// <summary>0 for z &gt; 0, else exp z = a + 1.</summary>
internal readonly struct EluBend : IArithmeticFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector, T>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TVector one = TVector.Broadcast(T.One);
        return TVector.Select(TVector.GreaterThan(z, TVector.Zero), TVector.Zero, TVector.Add(a, one));
    }
}
