using Hesse.Replicas;

namespace Hesse.Backends.Stepwise;

/// <summary>
/// An element-wise update rule on whole parameter vectors, in the backend's own arithmetic: the same numbers as where training is
/// fused. Holds the rule's state; vectors do not influence each other and may be updated at the same time on different threads.
/// </summary>
internal interface IVectorUpdates : IDisposable
{
    /// <summary>Vectors that the rule carries from one update to the next.</summary>
    int StateCount { get; }

    /// <summary>Those of a parameter vector, in the order of the rule in Optimizers/. (StateCount,P)</summary>
    void CopyState(int vector, Span<double> state);

    /// <summary>Names what the rule keeps of a parameter vector.</summary>
    void Transfer(int vector, StateTransfer transfer);

    /// <summary>Whether the gradient is taken elsewhere than at the parameters.</summary>
    bool LooksAhead { get; }

    /// <summary>Where the gradient of the next update is taken.</summary>
    /// <param name="thread">The thread that calls.</param>
    /// <param name="vector">Which vector.</param>
    /// <param name="parameters">theta (P)</param>
    /// <param name="point">(P), overwritten.</param>
    void GradientPoint(int thread, int vector, ReadOnlySpan<double> parameters, Span<double> point);

    /// <summary>One update, rescaled weights included.</summary>
    /// <param name="thread">The thread that calls.</param>
    /// <param name="vector">Which vector.</param>
    /// <param name="step">Updates made so far.</param>
    /// <param name="parameters">theta (P), changed.</param>
    /// <param name="gradient">g, or what takes its place. (P)</param>
    void Run(int thread, int vector, int step, Span<double> parameters, ReadOnlySpan<double> gradient);
}
