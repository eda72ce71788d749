using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Backends.Cpu.Updates;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Optimizers;
using Hesse.Replicas;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// A wave of large nets in training: one net at a time, a worker takes a replica through all its steps before the next. The
/// sums are those of the lane layout, so a replica's bits do not depend on which of the two trains it.
/// </summary>
internal sealed unsafe class DenseReplicas<TVector, T> : IReplicas
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly TrainingProblem _problem;
    private readonly Workers _workers;
    private readonly ParameterUpdate<T> _update;
    private readonly AlignedBuffer<T> _parameters; // (R, P)
    private readonly AlignedBuffer<T> _state; // (R, state, P)
    private readonly DenseTraining<TVector, T>[] _training; // one a worker
    private readonly BatchCursor[] _cursors; // one a replica
    private readonly LaneNumbers<TVector, T>[] _numbers; // one a replica
    private readonly LaneSamples<T> _samples;
    private readonly double[] _losses; // (R)
    private readonly double[] _rights; // (R)
    private readonly Action<int, int> _train;
    private readonly Action<int, int> _evaluate;
    private LaneSamples<T> _evaluated;
    private LaneSamples<T>? _other; // the last set evaluated that is not the training set
    private int _steps;

    public DenseReplicas(Wave wave, Workers workers)
    {
        TrainingProblem problem = wave.Problem;
        int count = wave.Count;
        _problem = problem;
        _workers = workers;
        Wave = wave;
        Network network = problem.Network;
        int p = network.ParameterCount;
        _parameters = new AlignedBuffer<T>((long)count * p);
        _update = ParameterUpdate<T>.Create<TVector>(problem.Optimizer);
        StateCount = UpdateRule.Create(problem.Optimizer).StateCount;
        _state = new AlignedBuffer<T>(_parameters.Length * _update.StateCount);
        _samples = new LaneSamples<T>(wave.Training(), network);
        _evaluated = _samples;
        _losses = new double[count];
        _rights = new double[count];
        BatchIndices indices = new(problem.Seed, _samples.Samples, problem.Batch);
        _training = new DenseTraining<TVector, T>[workers.Count];
        for (int worker = 0; worker < workers.Count; worker++)
        {
            _training[worker] = new DenseTraining<TVector, T>(problem, _update, indices.LargestBatch);
        }

        _cursors = new BatchCursor[count];
        _numbers = new LaneNumbers<TVector, T>[count];
        double[] point = new double[p];
        for (int replica = 0; replica < count; replica++)
        {
            _cursors[replica] = new BatchCursor(indices, wave.Numbers[replica]);
            _numbers[replica] = new LaneNumbers<TVector, T>(wave.ProblemOf(replica).Optimizer);
            wave.InitialPoint(replica, point);
            TensorPrimitives.ConvertTruncating<double, T>(point, new Span<T>(Parameters(replica), p));
        }

        _train = Train;
        _evaluate = Evaluate;
    }

    public Wave Wave { get; }

    public int Count => Wave.Count;

    public int Step { get; private set; }

    public int StateBytes(int step) => checked(sizeof(T) * _problem.Network.ParameterCount * (1 + _update.StateCount));

    public void SaveState(int replica, Span<byte> state)
    {
        int p = _problem.Network.ParameterCount;
        Span<T> numbers = MemoryMarshal.Cast<byte, T>(state);
        new ReadOnlySpan<T>(Parameters(replica), p).CopyTo(numbers);
        new ReadOnlySpan<T>(State(replica), p * _update.StateCount).CopyTo(numbers[p..]);
    }

    public void LoadState(int step, int replica, ReadOnlySpan<byte> state)
    {
        int p = _problem.Network.ParameterCount;
        ReadOnlySpan<T> numbers = MemoryMarshal.Cast<byte, T>(state);
        numbers[..p].CopyTo(new Span<T>(Parameters(replica), p));
        numbers[p..].CopyTo(new Span<T>(State(replica), p * _update.StateCount));
        Step = step;
    }

    public void Advance(int steps)
    {
        _steps = steps;
        _workers.Split(Count, _train);
        Step += steps;
    }

    public void CopyParameters(Span<double> parameters)
    {
        int p = _problem.Network.ParameterCount;
        for (int replica = 0; replica < Count; replica++)
        {
            TensorPrimitives.ConvertTruncating(
                new ReadOnlySpan<T>(Parameters(replica), p),
                parameters.Slice(replica * p, p)
            );
        }
    }

    public int StateCount { get; }

    public void CopyState(Span<double> state)
    {
        int p = _problem.Network.ParameterCount;
        for (int row = 0; row < Count * StateCount; row++)
        {
            // A rule that looks ahead keeps a vector of its own behind the rule's state.
            (int replica, int k) = Math.DivRem(row, StateCount);
            T* from = _state.Pointer + ((((long)replica * _update.StateCount) + k) * p);
            TensorPrimitives.ConvertTruncating(new ReadOnlySpan<T>(from, p), state.Slice(row * p, p));
        }
    }

    public void LossAndAccuracy(DataSet data, Span<double> loss, Span<double> accuracy)
    {
        _evaluated = SamplesOf(data);
        _workers.Split(Count, _evaluate);
        if (!loss.IsEmpty)
        {
            _losses.CopyTo(loss);
        }

        if (!accuracy.IsEmpty)
        {
            _rights.CopyTo(accuracy);
        }
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _state.Dispose();
        _samples.Dispose();
        _other?.Dispose();
        foreach (IDisposable item in _training.Concat<IDisposable>(_numbers))
        {
            item.Dispose();
        }
    }

    private T* Parameters(int replica) => _parameters.Pointer + ((long)replica * _problem.Network.ParameterCount);

    private T* State(int replica) =>
        _state.Pointer + ((long)replica * _update.StateCount * _problem.Network.ParameterCount);

    private LaneSamples<T> SamplesOf(DataSet data)
    {
        if (_samples.Holds(data))
        {
            return _samples;
        }

        if (_other?.Holds(data) != true)
        {
            _other?.Dispose();
            _other = new LaneSamples<T>(data, _problem.Network);
        }

        return _other;
    }

    private void Train(int worker, int replica)
    {
        T* parameters = Parameters(replica);
        T* state = State(replica);
        for (int step = Step; step < Step + _steps; step++)
        {
            _training[worker]
                .Step(parameters, state, _numbers[replica].At(step), _samples, replica, _cursors[replica], step);
        }
    }

    private void Evaluate(int worker, int replica) =>
        _training[worker]
            .LossAndAccuracy(Parameters(replica), _evaluated, replica, out _losses[replica], out _rights[replica]);
}
