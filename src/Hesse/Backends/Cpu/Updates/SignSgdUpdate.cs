using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// theta = theta - step-size sign(g) with sign(0) = 0 and sign(NaN) = NaN. No state.
/// </summary>
internal readonly unsafe struct SignSgdUpdate<V, T> : IElementUpdate<SignSgdUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;

    private SignSgdUpdate(T* numbers)
    {
        _minusStepSize = V.Load(numbers);
    }

    public static int StateCount => 0;

    public static SignSgdUpdate<V, T> Of(T* numbers, int step) => new(numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        V sign = V.CopySign(V.Broadcast(T.One), gradient);
        V signOrItself = V.Select(V.GreaterThan(V.Absolute(gradient), V.Zero), sign, gradient);
        return V.FusedMultiplyAdd(_minusStepSize, signOrItself, parameter);
    }
}
