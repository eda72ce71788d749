using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// Two momenta take turns; of the one whose turn it is, m, and the other, n: theta = (1 - step-size weight-decay) theta;
/// m = beta1^2 m + (1 - beta1^2) g; theta = theta - step-size ((1 + beta0) m - beta0 n) / sqrt((1 + beta0)^2 + beta0^2).
/// State: the momentum of updates 1, 3, 5, ..., that of 2, 4, 6, ...
/// </summary>
internal readonly unsafe struct PnmUpdate<V, T> : IElementUpdate<PnmUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _square;
    private readonly V _share;
    private readonly V _minusFresh;
    private readonly V _other;
    private readonly V _kept;
    private readonly int _turn;

    private PnmUpdate(T* numbers, int step)
    {
        _square = V.Load(numbers);
        _share = V.Load(numbers + V.Count);
        _minusFresh = V.Load(numbers + (2 * V.Count));
        _other = V.Load(numbers + (3 * V.Count));
        _kept = V.Load(numbers + (4 * V.Count));
        _turn = step % 2;
    }

    public static int StateCount => 2;

    public static PnmUpdate<V, T> Of(T* numbers, int step) => new(numbers, step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        T* fresh = state + (_turn * stride);
        V other = V.Load(state + ((1 - _turn) * stride));
        V m = V.FusedMultiplyAdd(_share, gradient, V.Multiply(_square, V.Load(fresh)));
        V.Store(m, fresh);
        V kept = V.FusedMultiplyAdd(_other, other, V.Multiply(_kept, parameter));
        return V.FusedMultiplyAdd(_minusFresh, m, kept);
    }
}
