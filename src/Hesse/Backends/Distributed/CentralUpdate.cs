using Hesse.Backends.Stepwise;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>
/// A server and M workers: each worker sends the gradient of its own mini-batch at the common point, and what the server makes of
/// them takes the gradient's place in the update rule.
/// </summary>
internal sealed class CentralUpdate : IStepwiseRule
{
    private readonly StepwiseReplicas _replicas;
    private readonly double _noise;
    private readonly IVectorUpdates _updates;
    private readonly ByzantineAttack _attack;
    private readonly MiniBatches[] _batches; // (M)
    private readonly WorkerVectors _sent;
    private readonly double[] _points; // (R,P), where the rule looks ahead
    private readonly double[][] _scratch; // [thread] (P)
    private readonly Action<int, int> _look;
    private readonly Action<int, int> _update;

    public CentralUpdate(StepwiseReplicas replicas, WorkersSpec workers)
    {
        _replicas = replicas;
        // The random signs and the safeguarded mean have noise of their own.
        _noise = workers.Aggregation is Aggregation.StoSign or Aggregation.Safeguard ? 0 : workers.Noise;
        _updates = replicas.Backend.CreateUpdates(replicas.Problem, replicas.Count);
        _attack = new ByzantineAttack(workers, replicas.Count, replicas.ParameterCount);
        _batches = WorkerBatches.Of(replicas, workers, _attack, out int batchesPerEpoch);
        Server = Aggregations.Create(replicas, workers, batchesPerEpoch);
        _sent = new WorkerVectors(workers.Count, replicas.Count, replicas.ParameterCount);
        _points = _updates.LooksAhead ? new double[replicas.Parameters.Length] : [];
        _scratch = new double[replicas.Backend.Threads][];
        _look = Look;
        _update = Update;
    }

    /// <summary>What the server does.</summary>
    public IAggregation Server { get; }

    public int StateCount => _updates.StateCount;

    public void CopyState(Span<double> state)
    {
        int length = StateCount * _replicas.ParameterCount;
        for (int replica = 0; replica < _replicas.Count; replica++)
        {
            _updates.CopyState(replica, state.Slice(replica * length, length));
        }
    }

    public void Transfer(int replica, int step, StateTransfer transfer)
    {
        _updates.Transfer(replica, transfer);
        _attack.Transfer(replica, step, transfer);
        Server.Transfer(replica, transfer);
    }

    public void Update(StepwiseReplicas replicas)
    {
        if (_updates.LooksAhead)
        {
            replicas.Backend.Split(replicas.Count, _look);
        }

        ReadOnlyMemory<double> points = _updates.LooksAhead ? _points : replicas.Parameters;
        int senders = _attack.NeedsGradient ? _sent.Workers : _attack.Honest;
        for (int worker = 0; worker < senders; worker++)
        {
            replicas.Backend.Gradient(replicas.At(points, _batches[worker].At(replicas.Step)), _sent.All(worker).Span);
        }

        _attack.Begin(replicas.Step);
        replicas.Backend.Split(replicas.Count, _update);
    }

    public void Dispose() => _updates.Dispose();

    private void Look(int thread, int replica) =>
        _updates.GradientPoint(
            thread,
            replica,
            _replicas.ParametersOf(replica),
            _points.AsSpan(replica * _replicas.ParameterCount, _replicas.ParameterCount)
        );

    private void Update(int thread, int replica)
    {
        double[] scratch = _scratch[thread] ??= new double[_replicas.ParameterCount];
        _attack.Run(replica, _replicas.Step, _sent);
        AddNoise(replica, scratch);
        Server.Run(thread, replica, _replicas.Step, _sent, scratch);
        _updates.Run(thread, replica, _replicas.Step, _replicas.ParametersOf(replica), scratch);
    }

    // g_m + b xi_m for those who do as they should.
    private void AddNoise(int replica, Span<double> normals)
    {
        for (int worker = 0; _noise > 0 && worker < _attack.Honest; worker++)
        {
            RandomStream stream = RandomStream.OptimizerNoise.OfWorker((uint)worker);
            uint index = (uint)(_replicas.First + replica);
            NormalDeviates.Fill(_replicas.Problem.Seed, 0, (uint)_replicas.Step, index, stream, normals);
            Span<double> g = _sent.Of(worker, replica);
            for (int i = 0; i < g.Length; i++)
            {
                g[i] += _noise * normals[i];
            }
        }
    }
}
