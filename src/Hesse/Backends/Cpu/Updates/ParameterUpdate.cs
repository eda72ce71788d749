using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// An update rule on flat arrays, chosen once when replicas are created and shared by all workers: it has no state of its own.
/// An array is the parameters of a block of lanes (P, lanes) or of a single net (P).
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

    /// <summary>s where the update is theta + s g, rounded once, and nothing else; null for any other rule.</summary>
    /// <param name="step">Updates made so far.</param>
    public virtual T? Descent(int step) => null;

    /// <summary>Makes one update.</summary>
    /// <param name="step">Updates made so far.</param>
    /// <param name="parameters">theta, changed.</param>
    /// <param name="gradient">g at <see cref="GradientPoint"/>, overwritten by some rules.</param>
    /// <param name="state">(state, parameter), changed.</param>
    /// <param name="length">Length of the parameters.</param>
    public abstract void Run(int step, T* parameters, T* gradient, T* state, int length);

    /// <summary>The rule of a spec.</summary>
    public static ParameterUpdate<T> Create<V>(OptimizerSpec spec)
        where V : unmanaged, IVector<V, T> =>
        spec switch
        {
            SgdSpec sgd => new SgdUpdate<T>(sgd),
            MomentumSpec momentum => new ElementWiseUpdate<MomentumUpdate<V, T>, MomentumSpec, V, T>(momentum),
            NesterovSpec nesterov => new ElementWiseUpdate<NesterovUpdate<V, T>, NesterovSpec, V, T>(nesterov),
            AdamSpec adam => new ElementWiseUpdate<AdamUpdate<V, T>, AdamSpec, V, T>(adam),
            AdamWSpec adamW => new ElementWiseUpdate<AdamWUpdate<V, T>, AdamWSpec, V, T>(adamW),
            RmsPropSpec rmsProp => new ElementWiseUpdate<RmsPropUpdate<V, T>, RmsPropSpec, V, T>(rmsProp),
            AdagradSpec adagrad => new ElementWiseUpdate<AdagradUpdate<V, T>, AdagradSpec, V, T>(adagrad),
            MassSpec mass => new ElementWiseUpdate<MassUpdate<V, T>, MassSpec, V, T>(mass),
            PnmSpec pnm => new ElementWiseUpdate<PnmUpdate<V, T>, PnmSpec, V, T>(pnm),
            AdaPnmSpec adaPnm => new ElementWiseUpdate<AdaPnmUpdate<V, T>, AdaPnmSpec, V, T>(adaPnm),
            SignSgdSpec signSgd => new ElementWiseUpdate<SignSgdUpdate<V, T>, SignSgdSpec, V, T>(signSgd),
            _ => throw new HesseException(ExitCode.BadData, $"no update rule for a {spec.GetType().Name}"),
        };
}
