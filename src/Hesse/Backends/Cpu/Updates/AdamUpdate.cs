using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// d = g + weight-decay theta; m = beta1 m + (1 - beta1) d; v = beta2 v + (1 - beta2) d^2;
/// theta = theta - step-size/(1 - beta1^t) m / (sqrt v / sqrt(1 - beta2^t) + epsilon). State: m, v.
/// </summary>
internal readonly unsafe struct AdamUpdate<V, T> : IElementUpdate<AdamUpdate<V, T>, AdamSpec, V, T>
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

    /// <summary>The numbers of an update, of <see cref="AdamWUpdate{V, T}"/> too.</summary>
    public AdamUpdate(int step, double stepSize, double beta1, double beta2, double epsilon, double weightDecay)
    {
        _minusStepSize = V.Broadcast(T.CreateChecked(-stepSize / BiasCorrection.Weight(beta1, step + 1)));
        _beta1 = V.Broadcast(T.CreateChecked(beta1));
        _share1 = V.Broadcast(T.CreateChecked(1 - beta1));
        _beta2 = V.Broadcast(T.CreateChecked(beta2));
        _share2 = V.Broadcast(T.CreateChecked(1 - beta2));
        _rootScale = V.Broadcast(T.CreateChecked(1 / Math.Sqrt(BiasCorrection.Weight(beta2, step + 1))));
        _epsilon = V.Broadcast(T.CreateChecked(epsilon));
        _weightDecay = V.Broadcast(T.CreateChecked(weightDecay));
    }

    public static int StateCount => 2;

    public static AdamUpdate<V, T> At(AdamSpec spec, int step) =>
        new(
            step,
            spec.StepSize.At(step),
            spec.Beta1.At(step),
            spec.Beta2.At(step),
            spec.Epsilon.At(step),
            spec.WeightDecay.At(step)
        );

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
