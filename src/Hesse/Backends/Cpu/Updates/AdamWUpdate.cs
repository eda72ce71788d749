using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>theta = (1 - step-size weight-decay) theta, then Adam's update without weight decay. State: m, v.</summary>
internal readonly unsafe struct AdamWUpdate<V, T> : IElementUpdate<AdamWUpdate<V, T>, AdamWSpec, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AdamUpdate<V, T> _adam;
    private readonly V _kept;

    private AdamWUpdate(AdamWSpec spec, int step)
    {
        double stepSize = spec.StepSize.At(step);
        _adam = new AdamUpdate<V, T>(
            step,
            stepSize,
            spec.Beta1.At(step),
            spec.Beta2.At(step),
            spec.Epsilon.At(step),
            weightDecay: 0
        );
        _kept = V.Broadcast(T.CreateChecked(1 - (stepSize * spec.WeightDecay.At(step))));
    }

    public static int StateCount => AdamUpdate<V, T>.StateCount;

    public static AdamWUpdate<V, T> At(AdamWSpec spec, int step) => new(spec, step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride) =>
        _adam.Apply(V.Multiply(_kept, parameter), gradient, state, stride);
}
