using System.Numerics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// An update rule on one register of parameters: the numbers of a step, a register each, and what they do to a parameter.
/// Every operation acts lane by lane, so one text serves replicas in lanes, each with numbers of its own, and the parameters of a
/// single net.
/// </summary>
internal unsafe interface IElementUpdate<TSelf, V, T>
    where TSelf : struct, IElementUpdate<TSelf, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Numbers that a parameter carries from one update to the next, zero at the start.</summary>
    static abstract int StateCount { get; }

    /// <summary>Whether the gradient is taken at theta + state 0 instead of theta.</summary>
    static virtual bool LooksAhead => false;

    /// <summary>The update that follows <paramref name="step"/> updates.</summary>
    /// <param name="numbers">Its numbers in the order of <see cref="UpdateNumbers"/>, a register each.</param>
    /// <param name="step">Updates made so far.</param>
    static abstract TSelf Of(T* numbers, int step);

    /// <summary>The register s where the update is theta + s g, rounded once, and nothing else; null for any other update.</summary>
    /// <param name="numbers">As for <see cref="Of"/>.</param>
    static virtual T* Descent(T* numbers) => null;

    /// <summary>The new theta.</summary>
    /// <param name="parameter">theta</param>
    /// <param name="gradient">g</param>
    /// <param name="state">These parameters' first state; state k lies k strides behind. Changed.</param>
    /// <param name="stride">Numbers from one state vector to the next.</param>
    V Apply(V parameter, V gradient, T* state, nint stride);
}
