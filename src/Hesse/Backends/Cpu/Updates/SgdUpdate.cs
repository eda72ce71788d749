using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// theta = fma(-step-size, g', theta) with g' = fma(weight-decay, theta, g), or g itself without weight decay. No state.
/// </summary>
internal readonly unsafe struct SgdUpdate<V, T> : IElementUpdate<SgdUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;
    private readonly V _weightDecay;
    private readonly V _decaying; // mask of the lanes with weight decay
    private readonly bool _decays; // whether there are any

    private SgdUpdate(T* numbers)
    {
        _minusStepSize = V.Load(numbers);
        _weightDecay = V.Load(numbers + V.Count);
        _decaying = V.GreaterThan(_weightDecay, V.Zero);
        _decays = V.Any(_decaying);
    }

    public static int StateCount => 0;

    public static SgdUpdate<V, T> Of(T* numbers, int step) => new(numbers);

    public static T* Descent(T* numbers) => new SgdUpdate<V, T>(numbers)._decays ? null : numbers;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        if (_decays)
        {
            V decayed = V.FusedMultiplyAdd(_weightDecay, parameter, gradient);
            gradient = V.Select(_decaying, decayed, gradient);
        }

        return V.FusedMultiplyAdd(_minusStepSize, gradient, parameter);
    }
}
