using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>Heavy ball: m = momentum m + (1 - dampening) (g + weight-decay theta); theta = theta - step-size m. State: m.</summary>
internal readonly unsafe struct MomentumUpdate<V, T> : IElementUpdate<MomentumUpdate<V, T>, MomentumSpec, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;
    private readonly V _momentum;
    private readonly V _share;
    private readonly V _weightDecay;

    private MomentumUpdate(MomentumSpec spec, int step)
    {
        _minusStepSize = V.Broadcast(T.CreateChecked(-spec.StepSize.At(step)));
        _momentum = V.Broadcast(T.CreateChecked(spec.Momentum.At(step)));
        _share = V.Broadcast(T.CreateChecked(step == 0 ? 1 : 1 - spec.Dampening.At(step)));
        _weightDecay = V.Broadcast(T.CreateChecked(spec.WeightDecay.At(step)));
    }

    public static int StateCount => 1;

    public static MomentumUpdate<V, T> At(MomentumSpec spec, int step) => new(spec, step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        V direction = V.FusedMultiplyAdd(_weightDecay, parameter, gradient);
        V m = V.FusedMultiplyAdd(_share, direction, V.Multiply(_momentum, V.Load(state)));
        V.Store(m, state);
        return V.FusedMultiplyAdd(_minusStepSize, m, parameter);
    }
}
