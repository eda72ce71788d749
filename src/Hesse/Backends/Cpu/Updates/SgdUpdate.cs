using System.Numerics;
using System.Numerics.Tensors;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// theta = fma(-step-size, g', theta) with g' = fma(weight-decay, theta, g), or g itself without weight decay.
/// </summary>
internal sealed unsafe class SgdUpdate<T>(SgdSpec spec) : ParameterUpdate<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override int StateCount => 0;

    public override T? Descent(int step) =>
        T.CreateChecked(spec.WeightDecay.At(step)) == T.Zero ? -T.CreateChecked(spec.StepSize.At(step)) : null;

    public override void Run(int step, T* parameters, T* gradient, T* state, int length)
    {
        Span<T> theta = new(parameters, length);
        Span<T> direction = new(gradient, length);
        T weightDecay = T.CreateChecked(spec.WeightDecay.At(step));
        if (weightDecay != T.Zero)
        {
            TensorPrimitives.FusedMultiplyAdd<T>(theta, weightDecay, direction, direction);
        }

        TensorPrimitives.FusedMultiplyAdd<T>(direction, -T.CreateChecked(spec.StepSize.At(step)), theta, theta);
    }
}
