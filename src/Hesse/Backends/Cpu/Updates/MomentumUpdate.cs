using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>Heavy ball: m = momentum m + (1 - dampening) (g + weight-decay theta); theta = theta - step-size m. State: m.</summary>
internal readonly unsafe struct MomentumUpdate<V, T> : IElementUpdate<MomentumUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;
    private readonly V _momentum;
    private readonly V _share;
    private readonly V _weightDecay;

    private MomentumUpdate(T* numbers)
    {
        _minusStepSize = V.Load(numbers);
        _momentum = V.Load(numbers + V.Count);
        _share = V.Load(numbers + (2 * V.Count));
        _weightDecay = V.Load(numbers + (3 * V.Count));
    }

    public static int StateCount => 1;

    public static MomentumUpdate<V, T> Of(T* numbers, int step) => new(numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        V direction = V.FusedMultiplyAdd(_weightDecay, parameter, gradient);
        V m = V.FusedMultiplyAdd(_share, direction, V.Multiply(_momentum, V.Load(state)));
        V.Store(m, state);
        return V.FusedMultiplyAdd(_minusStepSize, m, parameter);
    }
}
