using System.Numerics;
using System.Runtime.InteropServices;
using Hesse.Backends.Cpu.Updates;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Optimizers;
using Hesse.Replicas;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// A wave of small nets in training: blocks of as many replicas as a register has lanes, parameters [block][parameter][lane], the
/// update rule's state [block][state][parameter][lane].
/// A worker takes a block through all its steps before the next, so the block's state stays in the core's cache. Blocks that the
/// wave does not fill are topped up with copies of its last replica, whose results nobody reads. Replicas of one block may have numbers of
/// the update rule of their own.
/// </summary>
internal sealed unsafe class LaneReplicas<V, T> : IReplicas
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly TrainingProblem _problem;
    private readonly Workers _workers;
    private readonly int _blocks;
    private readonly AlignedBuffer<T> _parameters; // (blocks, P, lanes)
    private readonly LaneScratch<V, T>[] _scratch; // one a worker
    private readonly BatchCursor[] _cursors; // one a block
    private readonly LaneNumbers<V, T>[] _numbers; // one a block
    private readonly LaneSamples<T> _training;
    private readonly ParameterUpdate<T> _update;
    private readonly AlignedBuffer<T> _state; // (blocks, state, P, lanes)
    private readonly Action<int, int> _train;
    private readonly Action<int, int> _evaluate;
    private readonly AlignedBuffer<T> _losses; // (blocks, lanes)
    private readonly AlignedBuffer<T> _rights; // (blocks, lanes)
    private LaneSamples<T>? _evaluated; // what is evaluated now: _training or _other
    private LaneSamples<T>? _other; // the last set evaluated that is not the training set
    private int _steps;

    public LaneReplicas(Wave wave, Workers workers)
    {
        TrainingProblem problem = wave.Problem;
        _problem = problem;
        _workers = workers;
        Wave = wave;
        Network network = problem.Network;
        _blocks = (Count + V.Count - 1) / V.Count;
        _parameters = new AlignedBuffer<T>((long)_blocks * network.ParameterCount * V.Count);
        _update = ParameterUpdate<T>.Create<V>(problem.Optimizer);
        StateCount = UpdateRule.Create(problem.Optimizer).StateCount;
        _state = new AlignedBuffer<T>(_parameters.Length * _update.StateCount);
        _losses = new AlignedBuffer<T>((long)_blocks * V.Count);
        _rights = new AlignedBuffer<T>((long)_blocks * V.Count);
        _training = new LaneSamples<T>(wave.Training(), network);
        BatchIndices indices = new(problem.Seed, _training.Samples, problem.Batch);
        _scratch = new LaneScratch<V, T>[workers.Count];
        for (int worker = 0; worker < workers.Count; worker++)
        {
            _scratch[worker] = new LaneScratch<V, T>(network, indices.LargestBatch);
        }

        _cursors = new BatchCursor[_blocks];
        _numbers = new LaneNumbers<V, T>[_blocks];
        for (int block = 0; block < _blocks; block++)
        {
            int[] places = [.. Enumerable.Range(block * V.Count, V.Count).Select(lane => Math.Min(lane, Count - 1))];
            _cursors[block] = new BatchCursor(indices, [.. places.Select(place => wave.Numbers[place])]);
            _numbers[block] = new LaneNumbers<V, T>([.. places.Select(place => wave.ProblemOf(place).Optimizer)]);
        }

        _train = Train;
        _evaluate = Evaluate;
        FillInitialPoints();
    }

    public Wave Wave { get; }

    public int Count => Wave.Count;

    public int Step { get; private set; }

    public int StateBytes(int step) => checked(sizeof(T) * _problem.Network.ParameterCount * (1 + _update.StateCount));

    public void SaveState(int replica, Span<byte> state)
    {
        int p = _problem.Network.ParameterCount;
        Span<T> numbers = MemoryMarshal.Cast<byte, T>(state);
        Gather(Parameters(replica), numbers[..p]);
        Gather(State(replica), numbers[p..]);
    }

    public void LoadState(int step, int replica, ReadOnlySpan<byte> state)
    {
        int p = _problem.Network.ParameterCount;
        ReadOnlySpan<T> numbers = MemoryMarshal.Cast<byte, T>(state);
        // The last replica also fills the lanes that top up its block.
        int last = replica == Count - 1 ? (_blocks * V.Count) - 1 : replica;
        for (int lane = replica; lane <= last; lane++)
        {
            Scatter(numbers[..p], Parameters(lane));
            Scatter(numbers[p..], State(lane));
        }

        Step = step;
    }

    public void Advance(int steps)
    {
        _steps = steps;
        _workers.Split(_blocks, _train);
        Step += steps;
    }

    public void CopyParameters(Span<double> parameters) => Copy(_parameters, 1, 1, parameters);

    public int StateCount { get; }

    // A rule that looks ahead keeps a vector of its own behind the rule's state.
    public void CopyState(Span<double> state) => Copy(_state, _update.StateCount, StateCount, state);

    // Vectors (blocks, stored, P, lanes) to the first few of each replica. (R, copied, P)
    private void Copy(AlignedBuffer<T> vectors, int stored, int copied, Span<double> destination)
    {
        int p = _problem.Network.ParameterCount;
        for (int row = 0; row < Count * copied; row++)
        {
            (int replica, int k) = Math.DivRem(row, copied);
            long vector = ((long)(replica / V.Count) * stored) + k;
            T* from = vectors.Pointer + (vector * p * V.Count) + (replica % V.Count);
            Span<double> to = destination.Slice(row * p, p);
            for (int i = 0; i < p; i++)
            {
                to[i] = double.CreateChecked(from[(long)i * V.Count]);
            }
        }
    }

    public void LossAndAccuracy(DataSet data, Span<double> loss, Span<double> accuracy)
    {
        _evaluated = SamplesOf(data);
        _workers.Split(_blocks, _evaluate);
        double samples = _evaluated.Samples;
        for (int replica = 0; replica < Count; replica++)
        {
            if (!loss.IsEmpty)
            {
                loss[replica] = double.CreateChecked(_losses.Pointer[replica]) / samples;
            }

            if (!accuracy.IsEmpty)
            {
                accuracy[replica] = double.CreateChecked(_rights.Pointer[replica]) / samples;
            }
        }
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _state.Dispose();
        _losses.Dispose();
        _rights.Dispose();
        _training.Dispose();
        _other?.Dispose();
        foreach (IDisposable item in _scratch.Concat<IDisposable>(_numbers))
        {
            item.Dispose();
        }
    }

    private T* Parameters(int replica) =>
        _parameters.Pointer
        + ((long)(replica / V.Count) * _problem.Network.ParameterCount * V.Count)
        + (replica % V.Count);

    // Its numbers, as its parameters, lie a register apart. (state, P)
    private T* State(int replica) =>
        _state.Pointer
        + ((long)(replica / V.Count) * _update.StateCount * _problem.Network.ParameterCount * V.Count)
        + (replica % V.Count);

    private LaneSamples<T> SamplesOf(DataSet data)
    {
        if (_training.Holds(data))
        {
            return _training;
        }

        if (_other?.Holds(data) != true)
        {
            _other?.Dispose();
            _other = new LaneSamples<T>(data, _problem.Network);
        }

        return _other;
    }

    private void FillInitialPoints()
    {
        int p = _problem.Network.ParameterCount;
        double[] point = new double[p];
        for (int replica = 0; replica < _blocks * V.Count; replica++)
        {
            if (replica < Count)
            {
                Wave.InitialPoint(replica, point);
            }

            T* to = Parameters(replica);
            for (int i = 0; i < p; i++)
            {
                to[(long)i * V.Count] = T.CreateChecked(point[i]);
            }
        }
    }

    private static void Gather(T* lane, Span<T> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = lane[(long)i * V.Count];
        }
    }

    private static void Scatter(ReadOnlySpan<T> numbers, T* lane)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            lane[(long)i * V.Count] = numbers[i];
        }
    }

    private void Train(int worker, int block)
    {
        LaneScratch<V, T> scratch = _scratch[worker];
        int length = checked(_problem.Network.ParameterCount * V.Count);
        T* parameters = _parameters.Pointer + ((long)block * length);
        T* state = _state.Pointer + ((long)block * _update.StateCount * length);
        T* gradient = scratch.Gradient.Pointer;
        for (int step = Step; step < Step + _steps; step++)
        {
            int batch = _cursors[block].Fill(step, scratch.Rows);
            T* point = _update.GradientPoint(parameters, state, length);
            T* numbers = _numbers[block].At(step);
            // A gradient that is complete after one piece need not be stored where the rule is theta + s g.
            T* descent = batch <= scratch.Network.Capacity ? _update.Descent(numbers) : null;
            for (int from = 0; from < batch; from += scratch.Network.Capacity)
            {
                int samples = Math.Min(scratch.Network.Capacity, batch - from);
                Gather(scratch, _training, block, from, samples);
                scratch.Network.Forward(point, samples);
                scratch.Loss.Deltas(scratch.Network.Logits, scratch.Network.OutputDeltas, samples, batch);
                scratch.Network.Backward(point, gradient, samples, continues: from > 0, descent);
            }

            if (descent is null)
            {
                _update.Run(step, numbers, parameters, gradient, state, length);
            }

            if (_problem.Optimizer.RescaleWeights)
            {
                WeightRescaling<V, T>.Lanes(_problem.Network, parameters);
            }
        }
    }

    private void Evaluate(int worker, int block)
    {
        LaneScratch<V, T> scratch = _scratch[worker];
        LaneSamples<T> samples = _evaluated!;
        T* parameters = _parameters.Pointer + ((long)block * _problem.Network.ParameterCount * V.Count);
        T* loss = _losses.Pointer + (block * V.Count);
        T* right = _rights.Pointer + (block * V.Count);
        V.Store(V.Zero, loss);
        V.Store(V.Zero, right);
        int capacity = scratch.Network.Capacity;
        for (int from = 0; from < samples.Samples; from += capacity)
        {
            int count = Math.Min(capacity, samples.Samples - from);
            Span<int> rows = scratch.EvaluationRows;
            for (int i = 0; i < count; i++)
            {
                rows.Slice(i * V.Count, V.Count).Fill(from + i);
            }

            Gather(scratch, samples, block, 0, count, rows);
            scratch.Network.Forward(parameters, count);
            scratch.Loss.Accumulate(scratch.Network.Logits, count, loss, right);
        }
    }

    private void Gather(LaneScratch<V, T> scratch, LaneSamples<T> samples, int block, int from, int count) =>
        Gather(scratch, samples, block, from, count, scratch.Rows);

    private void Gather(
        LaneScratch<V, T> scratch,
        LaneSamples<T> samples,
        int block,
        int from,
        int count,
        Span<int> rows
    )
    {
        int dimension = samples.Dimension;
        int columns = samples.TargetColumns;
        T** inputs = stackalloc T*[V.Count];
        T** answers = stackalloc T*[V.Count];
        for (int lane = 0; lane < V.Count; lane++)
        {
            int replica = Math.Min((block * V.Count) + lane, Count - 1);
            inputs[lane] = samples.Inputs(replica, 0);
            answers[lane] = samples.Targets(replica, 0);
        }

        T** lanes = stackalloc T*[V.Count];
        for (int sample = 0; sample < count; sample++)
        {
            Span<int> own = rows.Slice((from + sample) * V.Count, V.Count);
            T* targets = scratch.Loss.Targets.Pointer + (sample * columns * V.Count);
            for (int lane = 0; lane < own.Length; lane++)
            {
                nint row = own[lane];
                lanes[lane] = inputs[lane] + (row * dimension);
                T* target = answers[lane] + (row * columns);
                for (int c = 0; c < columns; c++)
                {
                    targets[(c * V.Count) + lane] = target[c];
                }
            }

            LaneGather.Rows(
                lanes,
                V.Count,
                dimension,
                scratch.Network.Inputs + (sample * dimension * V.Count),
                V.Count
            );
        }
    }
}
