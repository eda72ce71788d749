using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// v = v + g^2; theta = theta - step-size g / (sqrt v + epsilon). State: v.
/// </summary>
internal readonly unsafe struct AdagradUpdate<V, T> : IElementUpdate<AdagradUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;
    private readonly V _epsilon;

    private AdagradUpdate(T* numbers)
    {
        _minusStepSize = V.Load(numbers);
        _epsilon = V.Load(numbers + V.Count);
    }

    public static int StateCount => 1;

    public static AdagradUpdate<V, T> Of(T* numbers, int step) => new(numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        V v = V.FusedMultiplyAdd(gradient, gradient, V.Load(state));
        V.Store(v, state);
        V root = V.Add(V.SquareRoot(v), _epsilon);
        return V.FusedMultiplyAdd(_minusStepSize, V.Divide(gradient, root), parameter);
    }
}
