using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// With u = w + ahead, at which the gradient is taken: w' = u - step-size g; ahead = momentum (w' - w) + secondary-step-size g.
/// Parameters: w. State: ahead.
/// </summary>
internal readonly unsafe struct MassUpdate<V, T> : IElementUpdate<MassUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;
    private readonly V _secondaryStepSize;
    private readonly V _momentum;

    private MassUpdate(T* numbers)
    {
        _minusStepSize = V.Load(numbers);
        _secondaryStepSize = V.Load(numbers + V.Count);
        _momentum = V.Load(numbers + (2 * V.Count));
    }

    public static int StateCount => 1;

    public static bool LooksAhead => true;

    public static MassUpdate<V, T> Of(T* numbers, int step) => new(numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        V moved = V.FusedMultiplyAdd(_minusStepSize, gradient, V.Add(parameter, V.Load(state)));
        V compensation = V.Multiply(_secondaryStepSize, gradient);
        V.Store(V.FusedMultiplyAdd(_momentum, V.Subtract(moved, parameter), compensation), state);
        return moved;
    }
}
