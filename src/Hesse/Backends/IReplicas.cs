using Hesse.Data;

namespace Hesse.Backends;

/// <summary>The batched state of a wave of replicas in training, owned by one backend.</summary>
public interface IReplicas : IDisposable
{
    /// <summary>Which replicas these are.</summary>
    Wave Wave { get; }

    /// <summary>R</summary>
    int Count { get; }

    /// <summary>Updates made so far, the same for all.</summary>
    int Step { get; }

    /// <summary>Bytes of one replica's state after this many updates: everything that its further training depends on.</summary>
    int StateBytes(int step);

    /// <summary>Copies the state of a replica of the wave, in a form that depends neither on the wave nor on the machine's registers.</summary>
    /// <param name="replica">0 .. R-1</param>
    /// <param name="state"><see cref="StateBytes"/> of them at <see cref="Step"/>.</param>
    void SaveState(int replica, Span<byte> state);

    /// <summary>Puts a replica where it was saved; all replicas of a wave are put to the same step.</summary>
    /// <param name="step">Updates made until then.</param>
    /// <param name="replica">0 .. R-1</param>
    /// <param name="state">What <see cref="SaveState"/> gave.</param>
    void LoadState(int step, int replica, ReadOnlySpan<byte> state);

    /// <summary>Makes this many updates in every replica.</summary>
    void Advance(int steps);

    /// <summary>The parameters, widened to double. (R,P)</summary>
    void CopyParameters(Span<double> parameters);

    /// <summary>Vectors that the update rule carries for a replica from one update to the next.</summary>
    int StateCount { get; }

    /// <summary>Those vectors, widened to double, in the order that the rule in Optimizers/ gives them. (R, StateCount, P)</summary>
    void CopyState(Span<double> state);

    /// <summary>
    /// Mean loss and share of right answers (argmax; logistic: z &gt; 0) of every replica on a data set, in training precision.
    /// Either span may be empty when it is not wanted. (R) each.
    /// </summary>
    void LossAndAccuracy(DataSet data, Span<double> loss, Span<double> accuracy);
}
