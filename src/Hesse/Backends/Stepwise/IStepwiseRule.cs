using Hesse.Replicas;

namespace Hesse.Backends.Stepwise;

/// <summary>
/// A training rule that asks a backend for whole operations between its updates: gradients at several points, products with the
/// Hessian, eigenvalues. One object trains one wave; what it keeps of a replica may depend on that replica alone.
/// </summary>
internal interface IStepwiseRule : IDisposable
{
    /// <summary>Vectors of the update rule in Optimizers/ that it keeps for each replica; 0 where it has no such rule.</summary>
    int StateCount => 0;

    /// <summary>Those vectors. (R, StateCount, P)</summary>
    void CopyState(Span<double> state) { }

    /// <summary>Names everything that a replica's further updates depend on, beside its parameters.</summary>
    /// <param name="replica">Replica of the wave.</param>
    /// <param name="step">Updates made so far.</param>
    /// <param name="transfer">Takes it or gives it back.</param>
    void Transfer(int replica, int step, StateTransfer transfer);

    /// <summary>
    /// Makes the update that follows <see cref="StepwiseReplicas.Step"/> updates in every replica: changes
    /// <see cref="StepwiseReplicas.Parameters"/>, whose values stay exact in the training precision.
    /// </summary>
    void Update(StepwiseReplicas replicas);
}
