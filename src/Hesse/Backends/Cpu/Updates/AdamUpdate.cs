using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// d = g + weight-decay theta; m = beta1 m + (1 - beta1) d; v = beta2 v + (1 - beta2) d^2;
/// theta = theta - step-size/(1 - beta1^t) m / (sqrt v / sqrt(1 - beta2^t) + epsilon). State: m, v.
/// </summary>
internal readonly unsafe struct AdamUpdate<V, T> : IElementUpdate<AdamUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;
    private readonly V _beta1;
    private readonly V _share1;
    private readonly V _beta2;
    private readonly V _share2;
    private readonly V _rootScale;
    private readonly V _epsilon;
    private readonly V _weightDecay;

    private AdamUpdate(T* numbers)
        : this(numbers, V.Load(numbers + (7 * V.Count))) { }

    /// <summary>With this weight decay: the update of <see cref="AdamWUpdate{V, T}"/> too.</summary>
    public AdamUpdate(T* numbers, V weightDecay)
    {
        _minusStepSize = V.Load(numbers);
        _beta1 = V.Load(numbers + V.Count);
        _share1 = V.Load(numbers + (2 * V.Count));
        _beta2 = V.Load(numbers + (3 * V.Count));
        _share2 = V.Load(numbers + (4 * V.Count));
        _rootScale = V.Load(numbers + (5 * V.Count));
        _epsilon = V.Load(numbers + (6 * V.Count));
        _weightDecay = weightDecay;
    }

    public static int StateCount => 2;

    public static AdamUpdate<V, T> Of(T* numbers, int step) => new(numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        V direction = V.FusedMultiplyAdd(_weightDecay, parameter, gradient);
        V m = V.FusedMultiplyAdd(_share1, direction, V.Multiply(_beta1, V.Load(state)));
        V square = V.Multiply(direction, direction);
        V v = V.FusedMultiplyAdd(_share2, square, V.Multiply(_beta2, V.Load(state + stride)));
        V.Store(m, state);
        V.Store(v, state + stride);
        V root = V.FusedMultiplyAdd(V.SquareRoot(v), _rootScale, _epsilon);
        return V.FusedMultiplyAdd(_minusStepSize, V.Divide(m, root), parameter);
    }
}
