using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>d = g + weight-decay theta; m = momentum m + d; theta = theta - step-size (d + momentum m). State: m.</summary>
internal readonly unsafe struct NesterovUpdate<V, T> : IElementUpdate<NesterovUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;
    private readonly V _momentum;
    private readonly V _weightDecay;

    private NesterovUpdate(T* numbers)
    {
        _minusStepSize = V.Load(numbers);
        _momentum = V.Load(numbers + V.Count);
        _weightDecay = V.Load(numbers + (2 * V.Count));
    }

    public static int StateCount => 1;

    public static NesterovUpdate<V, T> Of(T* numbers, int step) => new(numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        V direction = V.FusedMultiplyAdd(_weightDecay, parameter, gradient);
        V m = V.FusedMultiplyAdd(_momentum, V.Load(state), direction);
        V.Store(m, state);
        return V.FusedMultiplyAdd(_minusStepSize, V.FusedMultiplyAdd(_momentum, m, direction), parameter);
    }
}
