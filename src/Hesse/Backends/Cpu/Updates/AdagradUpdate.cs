using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// v = v + g^2; theta = theta - step-size g / (sqrt v + epsilon). State: v.
/// </summary>
internal readonly unsafe struct AdagradUpdate<V, T> : IElementUpdate<AdagradUpdate<V, T>, AdagradSpec, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly V _minusStepSize;
    private readonly V _epsilon;

    private AdagradUpdate(AdagradSpec spec, int step)
    {
        _minusStepSize = V.Broadcast(T.CreateChecked(-spec.StepSize.At(step)));
        _epsilon = V.Broadcast(T.CreateChecked(spec.Epsilon.At(step)));
    }

    public static int StateCount => 1;

    public static AdagradUpdate<V, T> At(AdagradSpec spec, int step) => new(spec, step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply(V parameter, V gradient, T* state, nint stride)
    {
        V v = V.FusedMultiplyAdd(gradient, gradient, V.Load(state));
        V.Store(v, state);
        V root = V.Add(V.SquareRoot(v), _epsilon);
        return V.FusedMultiplyAdd(_minusStepSize, V.Divide(gradient, root), parameter);
    }
}
