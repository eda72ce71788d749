using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>theta = (1 - step-size weight-decay) theta, then Adam's update without weight decay. State: m, v.</summary>
internal readonly unsafe struct AdamWUpdate<V, T> : IElementUpdate<AdamWUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AdamUpdate<V, T> _adam;
    private readonly V _kept;

    private AdamWUpdate(T* numbers)
    {
        _adam = new AdamUpdate<V, T>(numbers, V.Zero);
        _kept = V.Load(numbers + (7 * V.Count));
    }

    public static int StateCount => AdamUpdate<V, T>.StateCount;

    public static AdamWUpdate<V, T> Of(T* numbers, int step) => new(numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride) =>
        _adam.Apply(V.Multiply(_kept, parameter), gradient, state, stride);
}
