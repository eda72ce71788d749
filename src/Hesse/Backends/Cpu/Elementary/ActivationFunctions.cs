using System.Numerics;
using System.Numerics.Tensors;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>phi, phi' and phi'' on spans.</summary>
internal static class ActivationFunctions
{
    /// <summary>a = phi(z)</summary>
    public static void Value<T>(Activation phi, ReadOnlySpan<T> z, Span<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < z.Length; i++)
        {
            a[i] = phi switch
            {
                Activation.Relu => z[i] > T.Zero ? z[i] : T.Zero,
                Activation.Tanh => T.Tanh(z[i]),
                Activation.Identity => z[i],
                _ => throw new ArgumentOutOfRangeException(nameof(phi)),
            };
        }
    }

    /// <summary>slope = phi'(z)</summary>
    public static void Slope<T>(Activation phi, ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < z.Length; i++)
        {
            slope[i] = phi switch
            {
                Activation.Relu => z[i] > T.Zero ? T.One : T.Zero,
                Activation.Tanh => T.One - (a[i] * a[i]),
                Activation.Identity => T.One,
                _ => throw new ArgumentOutOfRangeException(nameof(phi)),
            };
        }
    }

    /// <summary>bend = phi''(z)</summary>
    public static void Bend<T>(Activation phi, ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> bend)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < z.Length; i++)
        {
            bend[i] = phi switch
            {
                Activation.Tanh => -(a[i] + a[i]) * (T.One - (a[i] * a[i])),
                _ => T.Zero,
            };
        }
    }

    /// <summary>log(1 + x)</summary>
    public static void LogP1<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => TensorPrimitives.LogP1(x, result);
}
