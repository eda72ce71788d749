using Hesse.Backends.Stepwise;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>
/// Workers with parameters, optimizer state and mini-batches of their own: x_m' = one update of x_m. After step t = 0, 1, ..., if H
/// divides t + 1, all become (1/M) sum_m x_m'; else with gossip x_m = sum_j W_mj x_j', without it x_m = x_m'. The replica's
/// parameters are the mean over the workers. H = 1 is parallel SGD.
/// Y. Chen, K. Yuan, Y. Zhang, P. Pan, Y. Xu, W. Yin, Accelerating gossip SGD with periodic global averaging, ICML 2021.
/// </summary>
internal sealed class LocalUpdate : IStepwiseRule
{
    private readonly StepwiseReplicas _replicas;
    private readonly int _period;
    private readonly MixingMatrix? _mixing;
    private readonly IVectorUpdates _updates; // of M R vectors: worker m of replica r is m R + r
    private readonly MiniBatches[] _batches; // (M)
    private readonly double[] _gradient; // (R,P)
    private readonly double[] _points; // (R,P), where the rule looks ahead
    private readonly Action<int, int> _look;
    private readonly Action<int, int> _update;
    private readonly Action<int, int> _meet;
    private int _worker;

    public LocalUpdate(StepwiseReplicas replicas, WorkersSpec workers)
    {
        _replicas = replicas;
        _period = workers.Period!.Value;
        _mixing =
            workers.Aggregation == Aggregation.GossipPga ? new MixingMatrix(workers.Graph!.Value, workers.Count) : null;
        _updates = replicas.Backend.CreateUpdates(replicas.Problem, workers.Count * replicas.Count);
        _batches = WorkerBatches.Of(replicas, workers, attack: null, out _);
        Parameters = new WorkerVectors(workers.Count, replicas.Count, replicas.ParameterCount);
        for (int worker = 0; worker < workers.Count; worker++)
        {
            replicas.Parameters.CopyTo(Parameters.All(worker));
        }

        _gradient = new double[replicas.Parameters.Length];
        _points = _updates.LooksAhead ? new double[replicas.Parameters.Length] : [];
        _look = Look;
        _update = Update;
        _meet = Meet;
    }

    /// <summary>x_m</summary>
    public WorkerVectors Parameters { get; }

    public int StateCount => _updates.StateCount;

    // The mean over the workers, as of the parameters.
    public void CopyState(Span<double> state)
    {
        state.Clear();
        int length = StateCount * _replicas.ParameterCount;
        double[] own = new double[length];
        for (int vector = 0; vector < Parameters.Workers * _replicas.Count; vector++)
        {
            _updates.CopyState(vector, own);
            Span<double> mean = state.Slice(vector % _replicas.Count * length, length);
            for (int i = 0; i < length; i++)
            {
                mean[i] += own[i] / Parameters.Workers;
            }
        }
    }

    public void Transfer(int replica, int step, StateTransfer transfer)
    {
        Parameters.Transfer(replica, transfer);
        for (int worker = 0; worker < Parameters.Workers; worker++)
        {
            _updates.Transfer((worker * _replicas.Count) + replica, transfer);
        }
    }

    public void Update(StepwiseReplicas replicas)
    {
        for (_worker = 0; _worker < Parameters.Workers; _worker++)
        {
            if (_updates.LooksAhead)
            {
                replicas.Backend.Split(replicas.Count, _look);
            }

            replicas.Backend.Gradient(
                replicas.At(
                    _updates.LooksAhead ? _points : Parameters.All(_worker),
                    _batches[_worker].At(replicas.Step)
                ),
                _gradient
            );
            replicas.Backend.Split(replicas.Count, _update);
        }

        replicas.Backend.Split(replicas.Count, _meet);
    }

    public void Dispose() => _updates.Dispose();

    private Span<double> Part(double[] vectors, int replica) =>
        vectors.AsSpan(replica * _replicas.ParameterCount, _replicas.ParameterCount);

    private int Vector(int replica) => (_worker * _replicas.Count) + replica;

    private void Look(int thread, int replica) =>
        _updates.GradientPoint(thread, Vector(replica), Parameters.Of(_worker, replica), Part(_points, replica));

    private void Update(int thread, int replica) =>
        _updates.Run(
            thread,
            Vector(replica),
            _replicas.Step,
            Parameters.Of(_worker, replica),
            Part(_gradient, replica)
        );

    private void Meet(int thread, int replica)
    {
        int m = Parameters.Workers;
        Span<double> mean = _replicas.ParametersOf(replica);
        bool together = (_replicas.Step + 1) % _period == 0;
        if (_mixing is not null && !together)
        {
            Mix(replica);
        }

        for (int i = 0; i < mean.Length; i++)
        {
            double sum = Parameters.Of(0, replica)[i];
            for (int worker = 1; worker < m; worker++)
            {
                sum += Parameters.Of(worker, replica)[i];
            }

            mean[i] = sum / m;
        }

        _replicas.Round(mean);
        for (int worker = 0; together && worker < m; worker++)
        {
            mean.CopyTo(Parameters.Of(worker, replica));
        }
    }

    private void Mix(int replica)
    {
        int m = Parameters.Workers;
        Span<double> before = stackalloc double[m];
        Span<double> after = stackalloc double[m];
        for (int i = 0; i < _replicas.ParameterCount; i++)
        {
            for (int worker = 0; worker < m; worker++)
            {
                before[worker] = Parameters.Of(worker, replica)[i];
            }

            for (int worker = 0; worker < m; worker++)
            {
                double sum = 0;
                for (int other = 0; other < m; other++)
                {
                    sum += _mixing![worker, other] * before[other];
                }

                after[worker] = sum;
            }

            _replicas.Round(after);
            for (int worker = 0; worker < m; worker++)
            {
                Parameters.Of(worker, replica)[i] = after[worker];
            }
        }
    }
}
