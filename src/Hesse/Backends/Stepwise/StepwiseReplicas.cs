using System.Numerics.Tensors;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Optimizers;
using Hesse.Replicas;

namespace Hesse.Backends.Stepwise;

/// <summary>
/// A wave of replicas trained step by step: each update is made by a rule in plain code that asks the backend for whole
/// operations. For what the fused kernels cannot do, on every backend that has the operations. Parameters lie in double, their values exact in
/// the precision of the training. Replicas do not influence each other, so their bits depend on spec, seed and index alone.
/// </summary>
internal sealed class StepwiseReplicas : IReplicas
{
    // Logits that are held at once to count right answers: 32 MB.
    private const long LargestLogits = 1 << 22;

    private readonly IStepwiseRule _rule;
    private readonly double[] _parameters; // (R,P)
    private readonly Precision _precision;
    private MiniBatches? _batches;
    private double[] _logits = []; // (replicas of a piece, N, C)

    /// <summary>Replicas of one problem at step 0.</summary>
    /// <param name="group">Which replicas.</param>
    /// <param name="backend">Computes the operations.</param>
    /// <param name="rule">Makes the rule of these replicas; it may ask for everything but <see cref="Step"/>.</param>
    public StepwiseReplicas(ReplicaGroup group, IStepwiseBackend backend, Func<StepwiseReplicas, IStepwiseRule> rule)
    {
        Wave = new Wave(group);
        Problem = group.Problem;
        Backend = backend;
        _precision = backend.Keeps(Problem.Precision);
        Training = Wave.Training();
        _parameters = new double[(long)Count * ParameterCount];
        for (int replica = 0; replica < Count; replica++)
        {
            Wave.InitialPoint(replica, ParametersOf(replica));
        }

        _rule = rule(this);
    }

    /// <inheritdoc/>
    public Wave Wave { get; }

    /// <summary>What is trained.</summary>
    public TrainingProblem Problem { get; }

    /// <summary>Computes the operations.</summary>
    public IStepwiseBackend Backend { get; }

    /// <summary>Index of the first replica.</summary>
    public int First => Wave.Numbers[0];

    /// <inheritdoc/>
    public int Count => Wave.Count;

    /// <inheritdoc/>
    public int Step { get; private set; }

    /// <summary>P</summary>
    public int ParameterCount => Problem.Network.ParameterCount;

    /// <summary>theta, exact in the precision of the training. (R,P)</summary>
    public Memory<double> Parameters => _parameters;

    /// <summary>The training samples in the form that the loss reads: one set, or R.</summary>
    public DataSet Training { get; }

    /// <summary>The samples of the update that follows <see cref="Step"/> updates, of each replica its own.</summary>
    public DataSet MiniBatch =>
        (
            _batches ??= new MiniBatches(
                this,
                Training,
                new BatchIndices(Problem.Seed, Training.Samples, Problem.Batch),
                share: null
            )
        ).At(Step);

    /// <summary>theta of a replica of the wave. (P)</summary>
    public Span<double> ParametersOf(int replica) => _parameters.AsSpan(replica * ParameterCount, ParameterCount);

    /// <summary>Points in training precision, one a replica, for the backend's operations.</summary>
    /// <param name="parameters">(R,P)</param>
    /// <param name="data">One set, or R.</param>
    public Points At(ReadOnlyMemory<double> parameters, DataSet data) =>
        new(Problem.Network, parameters, data, Problem.Precision);

    /// <summary>Rounds numbers to the precision of the training.</summary>
    public void Round(Span<double> values)
    {
        if (_precision == Precision.Float64)
        {
            return;
        }

        foreach (ref double value in values)
        {
            value = (float)value;
        }
    }

    /// <summary>Ends an update made in double: weights rescaled where the rule asks for it, parameters rounded to the precision of the training.</summary>
    public void FinishUpdate()
    {
        for (int replica = 0; Problem.Optimizer.RescaleWeights && replica < Count; replica++)
        {
            WeightRescaling.Run(Problem.Network, ParametersOf(replica));
        }

        Round(_parameters);
    }

    /// <inheritdoc/>
    public int StateBytes(int step) => StateTransfer.CountOf(transfer => Transfer(0, step, transfer));

    /// <inheritdoc/>
    public unsafe void SaveState(int replica, Span<byte> state)
    {
        fixed (byte* bytes = state)
        {
            using UnmanagedMemoryStream stream = new(bytes, 0, state.Length, FileAccess.Write);
            Transfer(replica, Step, StateTransfer.To(stream));
        }
    }

    /// <inheritdoc/>
    public unsafe void LoadState(int step, int replica, ReadOnlySpan<byte> state)
    {
        Step = step;
        fixed (byte* bytes = state)
        {
            using UnmanagedMemoryStream stream = new(bytes, state.Length);
            Transfer(replica, step, StateTransfer.From(stream));
        }
    }

    /// <inheritdoc/>
    public void Advance(int steps)
    {
        for (int until = Step + steps; Step < until; Step++)
        {
            _rule.Update(this);
        }
    }

    /// <inheritdoc/>
    public void CopyParameters(Span<double> parameters) => _parameters.CopyTo(parameters);

    /// <inheritdoc/>
    public int StateCount => _rule.StateCount;

    /// <inheritdoc/>
    public void CopyState(Span<double> state) => _rule.CopyState(state);

    /// <inheritdoc/>
    public void LossAndAccuracy(DataSet data, Span<double> loss, Span<double> accuracy)
    {
        data = data.ForNetwork(Problem.Network);
        if (!loss.IsEmpty)
        {
            Backend.Loss(At(_parameters, data), loss);
        }

        if (accuracy.IsEmpty)
        {
            return;
        }

        // Sets of their own are as large as their logits, so only a shared set needs pieces.
        long perReplica = (long)data.Samples * Problem.Network.OutputWidth;
        int piece = data.Sets > 1 ? Count : (int)Math.Clamp(LargestLogits / perReplica, 1, Count);
        for (int from = 0; from < Count; from += piece)
        {
            Accuracy(data, from, accuracy.Slice(from, Math.Min(piece, Count - from)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _rule.Dispose();

    private void Transfer(int replica, int step, StateTransfer transfer)
    {
        transfer.Numbers(ParametersOf(replica));
        _rule.Transfer(replica, step, transfer);
    }

    private void Accuracy(DataSet data, int from, Span<double> accuracy)
    {
        int width = Problem.Network.OutputWidth;
        int length = data.Samples * width;
        int needed = accuracy.Length * length;
        if (_logits.Length < needed)
        {
            _logits = new double[needed];
        }

        Memory<double> parameters = _parameters.AsMemory(from * ParameterCount, accuracy.Length * ParameterCount);
        Backend.Logits(At(parameters, data), _logits.AsSpan(0, needed));
        for (int i = 0; i < accuracy.Length; i++)
        {
            int right = 0;
            for (int n = 0; n < data.Samples; n++)
            {
                right += IsRight(data, from + i, n, _logits.AsSpan((i * length) + (n * width), width)) ? 1 : 0;
            }

            accuracy[i] = right / (double)data.Samples;
        }
    }

    // The answer is the first largest logit; logistic: z > 0. With targets the right answer is their first largest.
    private bool IsRight(DataSet data, int replica, int sample, ReadOnlySpan<double> z) =>
        Problem.Network.Loss switch
        {
            Loss.CrossEntropy => TensorPrimitives.IndexOfMax(z) == data.LabelsOf(replica)[sample],
            Loss.Logistic => (z[0] > 0) == (data.TargetsOf(replica)[sample] > 0),
            _ => TensorPrimitives.IndexOfMax(z)
                == TensorPrimitives.IndexOfMax(data.TargetsOf(replica).Slice(sample * z.Length, z.Length)),
        };
}
