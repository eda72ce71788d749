using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// An update rule on flat arrays, chosen once when replicas are created and shared by all workers: neither the state nor the numbers of a
/// step are its own. An array is the parameters of a block of lanes (P, lanes) or of a single net (P).
/// </summary>
internal abstract unsafe class ParameterUpdate<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>State vectors, each as long as the parameters and zero at the start.</summary>
    public abstract int StateCount { get; }

    /// <summary>Where the gradient of the next update is to be taken; the parameters themselves unless the rule looks ahead.</summary>
    /// <param name="parameters">theta</param>
    /// <param name="state">(state, parameter)</param>
    /// <param name="length">Length of the parameters.</param>
    public virtual T* GradientPoint(T* parameters, T* state, int length) => parameters;

    /// <summary>The register s where the update is theta + s g, rounded once, and nothing else; null for any other update.</summary>
    /// <param name="numbers">The step's numbers, as <see cref="LaneNumbers{V, T}"/> has them.</param>
    public abstract T* Descent(T* numbers);

    /// <summary>Makes one update.</summary>
    /// <param name="step">Updates made so far.</param>
    /// <param name="numbers">The step's numbers, as <see cref="LaneNumbers{V, T}"/> has them.</param>
    /// <param name="parameters">theta, changed.</param>
    /// <param name="gradient">g at <see cref="GradientPoint"/></param>
    /// <param name="state">(state, parameter), changed.</param>
    /// <param name="length">Length of the parameters.</param>
    public abstract void Run(int step, T* numbers, T* parameters, T* gradient, T* state, int length);

    /// <summary>The rule of a spec.</summary>
    public static ParameterUpdate<T> Create<V>(OptimizerSpec spec)
        where V : unmanaged, IVector<V, T> =>
        spec switch
        {
            SgdSpec => new ElementWiseUpdate<SgdUpdate<V, T>, V, T>(),
            MomentumSpec => new ElementWiseUpdate<MomentumUpdate<V, T>, V, T>(),
            NesterovSpec => new ElementWiseUpdate<NesterovUpdate<V, T>, V, T>(),
            AdamSpec => new ElementWiseUpdate<AdamUpdate<V, T>, V, T>(),
            AdamWSpec => new ElementWiseUpdate<AdamWUpdate<V, T>, V, T>(),
            RmsPropSpec => new ElementWiseUpdate<RmsPropUpdate<V, T>, V, T>(),
            AdagradSpec => new ElementWiseUpdate<AdagradUpdate<V, T>, V, T>(),
            MassSpec => new ElementWiseUpdate<MassUpdate<V, T>, V, T>(),
            PnmSpec => new ElementWiseUpdate<PnmUpdate<V, T>, V, T>(),
            AdaPnmSpec => new ElementWiseUpdate<AdaPnmUpdate<V, T>, V, T>(),
            SignSgdSpec => new ElementWiseUpdate<SignSgdUpdate<V, T>, V, T>(),
            _ => throw new HesseException(ExitCode.BadData, $"no update rule for a {spec.GetType().Name}"),
        };
}
