using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// With the momenta m, n of pnm: m = beta1^2 m + (1 - beta1^2) g; v = beta2 v + (1 - beta2) g^2; w = max(w, v);
/// theta = theta - step-size/(1 - beta1^t) ((1 + beta0) m - beta0 n) / sqrt((1 + beta0)^2 + beta0^2) / (sqrt w / sqrt(1 - beta2^t) + epsilon).
/// State: the two momenta, v, w.
/// </summary>
internal readonly unsafe struct AdaPnmUpdate<V, T> : IElementUpdate<AdaPnmUpdate<V, T>, AdaPnmSpec, V, T>
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

    private AdaPnmUpdate(AdaPnmSpec spec, int step)
    {
        double square = spec.Beta1.At(step) * spec.Beta1.At(step);
        double beta2 = spec.Beta2.At(step);
        double beta0 = spec.Beta0.At(step);
        double stepSize = spec.StepSize.At(step) / BiasCorrection.Weight(spec.Beta1.At(step), step + 1);
        double scale = stepSize / Math.Sqrt(((1 + beta0) * (1 + beta0)) + (beta0 * beta0));
        _square = V.Broadcast(T.CreateChecked(square));
        _share1 = V.Broadcast(T.CreateChecked(1 - square));
        _beta2 = V.Broadcast(T.CreateChecked(beta2));
        _share2 = V.Broadcast(T.CreateChecked(1 - beta2));
        _fresh = V.Broadcast(T.CreateChecked(scale * (1 + beta0)));
        _minusOther = V.Broadcast(T.CreateChecked(-scale * beta0));
        _rootScale = V.Broadcast(T.CreateChecked(1 / Math.Sqrt(BiasCorrection.Weight(beta2, step + 1))));
        _epsilon = V.Broadcast(T.CreateChecked(spec.Epsilon.At(step)));
        _turn = step % 2;
    }

    public static int StateCount => 4;

    public static AdaPnmUpdate<V, T> At(AdaPnmSpec spec, int step) => new(spec, step);

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
