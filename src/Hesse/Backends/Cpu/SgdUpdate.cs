using System.Numerics;
using System.Numerics.Tensors;

namespace Hesse.Backends.Cpu;

/// <summary>
/// theta = fma(-step-size, g', theta) with g' = fma(weight-decay, theta, g), or g itself without weight decay: element-wise, so
/// one text serves the lane layout (P, lanes) and a single net (P).
/// </summary>
internal static class SgdUpdate
{
    /// <summary>Makes one update; the gradient is overwritten when there is weight decay.</summary>
    public static void Run<T>(Span<T> parameters, Span<T> gradient, T stepSize, T weightDecay)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (weightDecay != T.Zero)
        {
            TensorPrimitives.FusedMultiplyAdd<T>(parameters, weightDecay, gradient, gradient);
        }

        TensorPrimitives.FusedMultiplyAdd<T>(gradient, -stepSize, parameters, parameters);
    }
}
