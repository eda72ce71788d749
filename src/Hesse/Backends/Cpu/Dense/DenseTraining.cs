using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Backends.Cpu.Updates;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// Training steps and evaluation of one large net at a time; one object a worker. A mini-batch passes in pieces that bound the
/// memory; the sums of the gradient run on from piece to piece, so the pieces do not show in the bits.
/// </summary>
internal sealed unsafe class DenseTraining<TVector, T> : IDisposable
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public const int LargestPiece = 512;

    private readonly Network _network;
    private readonly ParameterUpdate<T> _update;
    private readonly bool _rescale;
    private readonly DenseNet<T> _net; // as large as a piece of a mini-batch
    private readonly AlignedBuffer<T> _scratch;
    private readonly AlignedBuffer<T> _gradient; // (P)
    private readonly AlignedBuffer<int> _rows; // (largest batch)
    private readonly int _piece;
    private DenseNet<T>? _evaluation; // as large as a piece of a data set

    public DenseTraining(TrainingProblem problem, ParameterUpdate<T> update, int largestBatch)
    {
        Network network = problem.Network;
        _network = network;
        _update = update;
        _rescale = problem.Optimizer.RescaleWeights;
        _piece = Math.Min(LargestPiece, largestBatch);
        _net = new DenseNet<T>(network, _piece);
        _scratch = new AlignedBuffer<T>(Gemm<TVector, T>.ScratchLength);
        _gradient = new AlignedBuffer<T>(network.ParameterCount);
        _rows = new AlignedBuffer<int>(largestBatch);
    }

    /// <summary>One update with the gradient of the mean over the step's mini-batch.</summary>
    /// <param name="parameters">theta (P), changed.</param>
    /// <param name="state">State of the update rule (state, P), changed.</param>
    /// <param name="numbers">The step's numbers of the update rule.</param>
    /// <param name="samples">The training set.</param>
    /// <param name="replica">Replica of the wave: whose rows of the training set.</param>
    /// <param name="cursor">Which rows a step takes.</param>
    /// <param name="step">Updates made before this one.</param>
    public void Step(
        T* parameters,
        T* state,
        T* numbers,
        LaneSamples<T> samples,
        int replica,
        BatchCursor cursor,
        int step
    )
    {
        int batch = cursor.Fill(step, _rows.Span);
        _net.Parameters = _update.GradientPoint(parameters, state, _network.ParameterCount);
        // A gradient that is complete after one piece need not be stored where the rule is theta + s g: that would move the
        // parameters' bytes three times more.
        bool whole = batch <= Math.Min(_piece, Gemm<TVector, T>.Depth);
        T* descent = whole ? _update.Descent(numbers) : null;
        for (int from = 0; from < batch; from += _piece)
        {
            Gather(_net, samples, replica, _rows.Pointer + from, Math.Min(_piece, batch - from));
            ForwardBackward<TVector, T>.Forward(_net, T.CreateChecked(batch), _scratch.Pointer);
            ForwardBackward<TVector, T>.Backward(_net, _scratch.Pointer);
            ForwardBackward<TVector, T>.Rows(_net);
            if (descent is not null)
            {
                DenseOperations<TVector, T>.Descend(_net, _scratch.Pointer, parameters, *descent);
            }
            else
            {
                DenseOperations<TVector, T>.SumGradients(_net, _scratch.Pointer, _gradient.Pointer, from > 0);
            }
        }

        if (descent is null)
        {
            _update.Run(step, numbers, parameters, _gradient.Pointer, state, _network.ParameterCount);
        }

        if (_rescale)
        {
            WeightRescaling<TVector, T>.Single(_network, parameters);
        }
    }

    /// <summary>Mean loss and share of right answers over a data set; the sum of losses in T, samples ascending.</summary>
    public void LossAndAccuracy(
        T* parameters,
        LaneSamples<T> samples,
        int replica,
        out double loss,
        out double accuracy
    )
    {
        T sum = T.Zero;
        int right = 0;
        DenseNet<T> net = _evaluation ??= new DenseNet<T>(_network, LargestPiece);
        net.Parameters = parameters;
        int* rows = stackalloc int[LargestPiece];
        for (int from = 0; from < samples.Samples; from += LargestPiece)
        {
            int count = Math.Min(LargestPiece, samples.Samples - from);
            for (int i = 0; i < count; i++)
            {
                rows[i] = from + i;
            }

            Gather(net, samples, replica, rows, count);
            ForwardBackward<TVector, T>.Forward(net, T.One, _scratch.Pointer);
            for (int n = 0; n < count; n++)
            {
                sum += net.Output.Losses[n];
                right += IsRight(net, n) ? 1 : 0;
            }
        }

        loss = double.CreateChecked(sum) / samples.Samples;
        accuracy = right / (double)samples.Samples;
    }

    public void Dispose()
    {
        _net.Dispose();
        _evaluation?.Dispose();
        _scratch.Dispose();
        _gradient.Dispose();
        _rows.Dispose();
    }

    // The answer is the first largest logit; logistic: z > 0. With targets the right answer is their first largest.
    private static bool IsRight(DenseNet<T> net, int sample)
    {
        T* logits = net.Preactivations(net.Network.Layers) + sample;
        int expected =
            net.Network.Loss == Loss.CrossEntropy
                ? int.CreateTruncating(net.Output.Labels[sample])
                : Answer(net, net.Output.Targets + sample);
        return Answer(net, logits) == expected;
    }

    private static int Answer(DenseNet<T> net, T* values)
    {
        if (net.Network.Loss == Loss.Logistic)
        {
            return *values > T.Zero ? 1 : 0;
        }

        int best = 0;
        for (int c = 1; c < net.Network.OutputWidth; c++)
        {
            best = values[c * net.Stride] > values[best * net.Stride] ? c : best;
        }

        return best;
    }

    // The samples become columns; as rows they stay where they are, and the product that needs them takes them from there.
    private static void Gather(DenseNet<T> net, LaneSamples<T> samples, int replica, int* rows, int count)
    {
        const int Block = 8;
        net.Samples = count;
        net.InputRows = new(samples.Inputs(replica, 0), samples.Dimension, 1, rows);
        OutputValues<T> output = net.Output;
        bool labels = net.Network.Loss == Loss.CrossEntropy;
        T** block = stackalloc T*[Block];
        for (int from = 0; from < count; from += Block)
        {
            int size = Math.Min(Block, count - from);
            for (int n = 0; n < size; n++)
            {
                block[n] = samples.Inputs(replica, rows[from + n]);
                T* targets = samples.Targets(replica, rows[from + n]);
                for (int c = 0; c < samples.TargetColumns; c++)
                {
                    (labels ? output.Labels : output.Targets + (c * output.Stride))[from + n] = targets[c];
                }
            }

            LaneGather.Rows(block, size, samples.Dimension, net.Activations(0) + from, net.Stride);
        }
    }
}
