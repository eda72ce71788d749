using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// v = decay v + (1 - decay) g^2; theta = theta - step-size g / (sqrt v + epsilon). State: v.
/// </summary>
internal readonly unsafe struct RmsPropUpdate<V, T> : IElementUpdate<RmsPropUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;
    private readonly V _decay;
    private readonly V _share;
    private readonly V _epsilon;

    private RmsPropUpdate(T* numbers)
    {
        _minusStepSize = V.Load(numbers);
        _decay = V.Load(numbers + V.Count);
        _share = V.Load(numbers + (2 * V.Count));
        _epsilon = V.Load(numbers + (3 * V.Count));
    }

    public static int StateCount => 1;

    public static RmsPropUpdate<V, T> Of(T* numbers, int step) => new(numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        V v = V.FusedMultiplyAdd(_share, V.Multiply(gradient, gradient), V.Multiply(_decay, V.Load(state)));
        V.Store(v, state);
        V root = V.Add(V.SquareRoot(v), _epsilon);
        return V.FusedMultiplyAdd(_minusStepSize, V.Divide(gradient, root), parameter);
    }
}
