using System.Numerics;
using System.Numerics.Tensors;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

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
    private readonly SgdSpec _optimizer;
    private readonly Workers _workers;
    private readonly AlignedBuffer<T> _parameters; // (R, P)
    private readonly DenseTraining<TVector, T>[] _training; // one a worker
    private readonly BatchCursor[] _cursors; // one a replica
    private readonly LaneSamples<T> _samples;
    private readonly DataSet _source;
    private readonly double[] _losses; // (R)
    private readonly double[] _rights; // (R)
    private readonly Action<int, int> _train;
    private readonly Action<int, int> _evaluate;
    private LaneSamples<T> _evaluated;
    private LaneSamples<T>? _other; // the last set evaluated that is not the training set
    private int _steps;

    public DenseReplicas(TrainingProblem problem, int first, int count, Workers workers)
    {
        _problem = problem;
        _optimizer = (SgdSpec)problem.Optimizer;
        _workers = workers;
        First = first;
        Count = count;
        Network network = problem.Network;
        int p = network.ParameterCount;
        _parameters = new AlignedBuffer<T>((long)count * p);
        _source = problem.Data.Training(first, count);
        _samples = new LaneSamples<T>(_source.ForNetwork(network), network, _source);
        _evaluated = _samples;
        _losses = new double[count];
        _rights = new double[count];
        BatchIndices indices = new(problem.Seed, _samples.Samples, problem.Batch);
        _training = new DenseTraining<TVector, T>[workers.Count];
        for (int worker = 0; worker < workers.Count; worker++)
        {
            _training[worker] = new DenseTraining<TVector, T>(network, indices.LargestBatch);
        }

        _cursors = new BatchCursor[count];
        double[] point = new double[p];
        for (int replica = 0; replica < count; replica++)
        {
            _cursors[replica] = new BatchCursor(indices, first + replica, 1);
            problem.InitialPoint(first + replica, point);
            TensorPrimitives.ConvertTruncating<double, T>(point, new Span<T>(Parameters(replica), p));
        }

        _train = Train;
        _evaluate = Evaluate;
    }

    public int First { get; }

    public int Count { get; }

    public int Step { get; private set; }

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
        _samples.Dispose();
        _other?.Dispose();
        foreach (DenseTraining<TVector, T> training in _training)
        {
            training.Dispose();
        }
    }

    private T* Parameters(int replica) => _parameters.Pointer + ((long)replica * _problem.Network.ParameterCount);

    private LaneSamples<T> SamplesOf(DataSet data)
    {
        if (_samples.Holds(data))
        {
            return _samples;
        }

        if (_other?.Holds(data) != true)
        {
            _other?.Dispose();
            _other = new LaneSamples<T>(data.ForNetwork(_problem.Network), _problem.Network, data);
        }

        return _other;
    }

    private void Train(int worker, int replica)
    {
        for (int step = Step; step < Step + _steps; step++)
        {
            _training[worker]
                .Step(
                    Parameters(replica),
                    _samples,
                    replica,
                    _cursors[replica],
                    step,
                    T.CreateChecked(_optimizer.StepSize.At(step)),
                    T.CreateChecked(_optimizer.WeightDecay.At(step))
                );
        }
    }

    private void Evaluate(int worker, int replica) =>
        _training[worker]
            .LossAndAccuracy(Parameters(replica), _evaluated, replica, out _losses[replica], out _rights[replica]);
}
