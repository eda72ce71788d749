using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// With the momenta m, n of pnm: m = beta1^2 m + (1 - beta1^2) g; v = beta2 v + (1 - beta2) g^2; w = max(w, v);
/// theta = theta - step-size/(1 - beta1^t) ((1 + beta0) m - beta0 n) / sqrt((1 + beta0)^2 + beta0^2) / (sqrt w / sqrt(1 - beta2^t) + epsilon).
/// State: the two momenta, v, w.
/// </summary>
internal readonly unsafe struct AdaPnmUpdate<V, T> : IElementUpdate<AdaPnmUpdate<V, T>, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _square;
    private readonly V _share1;
    private readonly V _beta2;
    private readonly V _share2;
    private readonly V _fresh;
    private readonly V _minusOther;
    private readonly V _rootScale;
    private readonly V _epsilon;
    private readonly int _turn;

    private AdaPnmUpdate(T* numbers, int step)
    {
        _square = V.Load(numbers);
        _share1 = V.Load(numbers + V.Count);
        _beta2 = V.Load(numbers + (2 * V.Count));
        _share2 = V.Load(numbers + (3 * V.Count));
        _fresh = V.Load(numbers + (4 * V.Count));
        _minusOther = V.Load(numbers + (5 * V.Count));
        _rootScale = V.Load(numbers + (6 * V.Count));
        _epsilon = V.Load(numbers + (7 * V.Count));
        _turn = step % 2;
    }

    public static int StateCount => 4;

    public static AdaPnmUpdate<V, T> Of(T* numbers, int step) => new(numbers, step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        T* fresh = state + (_turn * stride);
        V other = V.Load(state + ((1 - _turn) * stride));
        V m = V.FusedMultiplyAdd(_share1, gradient, V.Multiply(_square, V.Load(fresh)));
        V square = V.Multiply(gradient, gradient);
        V v = V.FusedMultiplyAdd(_share2, square, V.Multiply(_beta2, V.Load(state + (2 * stride))));

        // In this order a NaN in v comes through.
        V largest = V.LargerOf(V.Load(state + (3 * stride)), v);
        V.Store(m, fresh);
        V.Store(v, state + (2 * stride));
        V.Store(largest, state + (3 * stride));
        V root = V.FusedMultiplyAdd(V.SquareRoot(largest), _rootScale, _epsilon);
        V direction = V.FusedMultiplyAdd(_fresh, m, V.Multiply(_minusOther, other));
        return V.Subtract(parameter, V.Divide(direction, root));
    }
}
