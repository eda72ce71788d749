using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// An update rule on one register of parameters: the numbers of a step, rounded once to T, and what they do to a parameter.
/// Every operation acts lane by lane, so one text serves replicas in lanes and the parameters of a single net.
/// </summary>
internal unsafe interface IElementUpdate<TSelf, TSpec, V, T>
    where TSelf : struct, IElementUpdate<TSelf, TSpec, V, T>
    where TSpec : OptimizerSpec
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Numbers that a parameter carries from one update to the next, zero at the start.</summary>
    static abstract int StateCount { get; }

    /// <summary>Whether the gradient is taken at theta + state 0 instead of theta.</summary>
    static virtual bool LooksAhead => false;

    /// <summary>The numbers of the update that follows <paramref name="step"/> updates: computed in double, rounded once.</summary>
    static abstract TSelf At(TSpec spec, int step);

    /// <summary>The new theta.</summary>
    /// <param name="parameter">theta</param>
    /// <param name="gradient">g</param>
    /// <param name="state">These parameters' first state; state k lies k strides behind. Changed.</param>
    /// <param name="stride">Numbers from one state vector to the next.</param>
    V Apply(V parameter, V gradient, T* state, nint stride);
}
