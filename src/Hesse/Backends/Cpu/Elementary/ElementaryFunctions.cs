using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>
/// Elementary functions on spans of float or double. Doubles are within 2 ulp; floats are computed in double and rounded
/// once. The same bits on every vector width and wherever a value stands. The result may overwrite the argument.
/// </summary>
internal static class ElementaryFunctions
{
    /// <summary>exp x; in float within 1 ulp, by float arithmetic (<see cref="SingleExponential"/>).</summary>
    public static void Exp<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
        {
            ElementWise.InOwnFormat<SingleExponential, T>(x, [], result);
        }
        else
        {
            ElementWise.InDouble<ExpFunction, T>(x, [], result);
        }
    }

    /// <summary>exp(x) - 1</summary>
    public static void ExpM1<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ElementWise.InDouble<ExpM1Function, T>(x, [], result);

    /// <summary>log x</summary>
    public static void Log<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ElementWise.InDouble<LogFunction, T>(x, [], result);

    /// <summary>log(1 + x)</summary>
    public static void LogP1<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ElementWise.InDouble<LogP1Function, T>(x, [], result);

    /// <summary>tanh x</summary>
    public static void Tanh<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ElementWise.InDouble<TanhFunction, T>(x, [], result);

    /// <summary>erf x</summary>
    public static void Erf<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ElementWise.InDouble<ErfFunction, T>(x, [], result);

    /// <summary>1 / (1 + exp(-x))</summary>
    public static void Sigmoid<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ElementWise.InDouble<SigmoidFunction, T>(x, [], result);

    /// <summary>log(1 + exp x), which is max(x, 0) + log(1 + exp(-|x|)).</summary>
    public static void Softplus<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ElementWise.InDouble<SoftplusFunction, T>(x, [], result);

    /// <summary>sin x</summary>
    public static void Sine<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ElementWise.InDouble<SineFunction, T>(x, [], result);

    /// <summary>cos x</summary>
    public static void Cosine<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ElementWise.InDouble<CosineFunction, T>(x, [], result);
}

internal readonly struct ExpFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> => Exponential.Exp(z, TVector.Zero);
}

internal readonly struct ExpM1Function : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> => Exponential.ExpM1(z);
}

internal readonly struct LogFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> => Logarithm.Log(z);
}

internal readonly struct LogP1Function : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> => Logarithm.LogP1(z);
}

internal readonly struct TanhFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> => HyperbolicTangent.Tanh(z);
}

internal readonly struct ErfFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> => ErrorFunction.Erf(z);
}

internal readonly struct SigmoidFunction : ILaneFunction
{
    // exp(-|z|) never overflows, and the left tail keeps its relative accuracy.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector one = TVector.Broadcast(1);
        TVector e = Exponential.Exp(TVector.Subtract(TVector.Zero, TVector.Absolute(z)), TVector.Zero);
        TVector numerator = TVector.Select(TVector.GreaterThan(TVector.Zero, z), e, one);
        return TVector.Divide(numerator, TVector.Add(one, e));
    }
}

internal readonly struct SoftplusFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double>
    {
        TVector e = Exponential.Exp(TVector.Subtract(TVector.Zero, TVector.Absolute(z)), TVector.Zero);
        return TVector.Add(TVector.LargerOf(z, TVector.Zero), Logarithm.LogP1(e));
    }
}

internal readonly struct SineFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> => Trigonometric.Sine(z);
}

internal readonly struct CosineFunction : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector z, TVector a)
        where TVector : unmanaged, IVector<TVector, double> => Trigonometric.Cosine(z);
}
