using System.Numerics.Tensors;
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
    private readonly IVectorUpdates _updates;
    private readonly MiniBatches[] _batches; // (M)
    private readonly WorkerVectors _sent;
    private readonly double[] _points; // (R,P), where the rule looks ahead
    private readonly Action<int, int> _look;
    private readonly Action<int, int> _update;

    public CentralUpdate(StepwiseReplicas replicas, WorkersSpec workers)
    {
        _replicas = replicas;
        TrainingProblem problem = replicas.Problem;
        _updates = replicas.Backend.CreateUpdates(problem, replicas.Count);
        _sent = new WorkerVectors(workers.Count, replicas.Count, replicas.ParameterCount);
        _points = _updates.LooksAhead ? new double[replicas.Parameters.Length] : [];
        _batches =
        [
            .. Enumerable
                .Range(0, workers.Count)
                .Select(worker => new MiniBatches(
                    replicas,
                    new BatchIndices(problem.Seed, replicas.Training.Samples, problem.Batch, worker),
                    share: null
                )),
        ];
        _look = Look;
        _update = Update;
    }

    public void Update(StepwiseReplicas replicas)
    {
        if (_updates.LooksAhead)
        {
            replicas.Backend.Split(replicas.Count, _look);
        }

        ReadOnlyMemory<double> points = _updates.LooksAhead ? _points : replicas.Parameters;
        for (int worker = 0; worker < _sent.Workers; worker++)
        {
            replicas.Backend.Gradient(replicas.At(points, _batches[worker].At(replicas.Step)), _sent.All(worker).Span);
        }

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
        // The first worker's vector becomes the sum, workers ascending.
        Span<double> mean = _sent.Of(0, replica);
        for (int worker = 1; worker < _sent.Workers; worker++)
        {
            TensorPrimitives.Add(mean, _sent.Of(worker, replica), mean);
        }

        TensorPrimitives.Divide(mean, _sent.Workers, mean);
        _updates.Run(thread, replica, _replicas.Step, _replicas.ParametersOf(replica), mean);
    }
}
