using System.Numerics;
using System.Numerics.Tensors;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>
/// phi, phi' and phi'' of every activation on spans of any length, without allocation. Plain arithmetic runs in T; what needs
/// exp and its relatives runs in double and is rounded once.
/// </summary>
internal static class ActivationFunctions
{
    /// <summary>a = phi(z); a may be z.</summary>
    public static void Value<T>(Activation phi, ReadOnlySpan<T> z, Span<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (phi)
        {
            case Activation.Relu:
                ElementWise.InOwnFormat<ReluFunction, T>(z, [], a);
                break;
            case Activation.Tanh:
                ElementaryFunctions.Tanh(z, a);
                break;
            case Activation.Sigmoid:
                ElementaryFunctions.Sigmoid(z, a);
                break;
            case Activation.Softplus:
                ElementaryFunctions.Softplus(z, a);
                break;
            case Activation.Gelu:
                ElementWise.InDouble<GeluFunction, T>(z, [], a);
                break;
            case Activation.Elu:
                ElementWise.InDouble<EluFunction, T>(z, [], a);
                break;
            case Activation.Silu:
                ElementWise.InDouble<SiluFunction, T>(z, [], a);
                break;
            case Activation.Sine:
                ElementaryFunctions.Sine(z, a);
                break;
            case Activation.Hardtanh:
                ElementWise.InOwnFormat<HardtanhFunction, T>(z, [], a);
                break;
            case Activation.LeakyRelu:
                ElementWise.InOwnFormat<LeakyReluFunction, T>(z, [], a);
                break;
            case Activation.Identity:
                z.CopyTo(a);
                break;
            default:
                throw Unknown(phi);
        }
    }

    /// <summary>slope = phi'(z), given a = phi(z); slope may be z or a.</summary>
    public static void Slope<T>(Activation phi, ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (phi)
        {
            case Activation.Relu:
                ElementWise.InOwnFormat<ReluSlope, T>(z, a, slope);
                break;
            case Activation.Tanh:
                ElementWise.InOwnFormat<TanhSlope, T>(z, a, slope);
                break;
            case Activation.Sigmoid:
                ElementWise.InOwnFormat<SigmoidSlope, T>(z, a, slope);
                break;
            case Activation.Softplus:
                ElementaryFunctions.Sigmoid(z, slope);
                break;
            case Activation.Gelu:
                ElementWise.InDouble<GeluSlope, T>(z, [], slope);
                break;
            case Activation.Elu:
                ElementWise.InOwnFormat<EluSlope, T>(z, a, slope);
                break;
            case Activation.Silu:
                ElementWise.InDouble<SiluSlope, T>(z, [], slope);
                break;
            case Activation.Sine:
                ElementaryFunctions.Cosine(z, slope);
                break;
            case Activation.Hardtanh:
                ElementWise.InOwnFormat<HardtanhSlope, T>(z, a, slope);
                break;
            case Activation.LeakyRelu:
                ElementWise.InOwnFormat<LeakyReluSlope, T>(z, a, slope);
                break;
            case Activation.Identity:
                slope[..z.Length].Fill(T.One);
                break;
            default:
                throw Unknown(phi);
        }
    }

    /// <summary>Whether phi'' is anything but 0.</summary>
    public static bool Bends(Activation phi) =>
        phi is not (Activation.Relu or Activation.Hardtanh or Activation.LeakyRelu or Activation.Identity);

    /// <summary>bend = phi''(z), given a = phi(z); 0 where phi is not twice differentiable. bend may be z or a.</summary>
    public static void Bend<T>(Activation phi, ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> bend)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (phi)
        {
            case Activation.Tanh:
                ElementWise.InOwnFormat<TanhBend, T>(z, a, bend);
                break;
            case Activation.Sigmoid:
                ElementWise.InOwnFormat<SigmoidBend, T>(z, a, bend);
                break;
            case Activation.Softplus:
                ElementWise.InDouble<SoftplusBend, T>(z, [], bend);
                break;
            case Activation.Gelu:
                ElementWise.InDouble<GeluBend, T>(z, [], bend);
                break;
            case Activation.Elu:
                ElementWise.InOwnFormat<EluBend, T>(z, a, bend);
                break;
            case Activation.Silu:
                ElementWise.InDouble<SiluBend, T>(z, [], bend);
                break;
            case Activation.Sine:
                TensorPrimitives.Negate(a[..z.Length], bend);
                break;
            case Activation.Relu:
            case Activation.Hardtanh:
            case Activation.LeakyRelu:
            case Activation.Identity:
                bend[..z.Length].Clear();
                break;
            default:
                throw Unknown(phi);
        }
    }

    private static ArgumentOutOfRangeException Unknown(Activation phi) =>
        new(nameof(phi), phi, "not an activation function");
}
