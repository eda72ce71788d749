using Hesse.Replicas;

namespace Hesse.Backends.Distributed;

/// <summary>A vector of every worker of every replica of a wave. (M,R,P)</summary>
internal sealed class WorkerVectors
{
    private readonly double[][] _values; // [worker] (R,P): a worker's vectors are the points of one operation
    private readonly int _length;

    /// <summary>Zeros.</summary>
    /// <param name="workers">M</param>
    /// <param name="replicas">R</param>
    /// <param name="length">P</param>
    public WorkerVectors(int workers, int replicas, int length)
    {
        _length = length;
        _values = new double[workers][];
        for (int worker = 0; worker < workers; worker++)
        {
            _values[worker] = new double[(long)replicas * length];
        }
    }

    /// <summary>M</summary>
    public int Workers => _values.Length;

    /// <summary>The vector of a worker of a replica. (P)</summary>
    public Span<double> Of(int worker, int replica) => _values[worker].AsSpan(replica * _length, _length);

    /// <summary>Names the vectors of a replica, worker by worker.</summary>
    public void Transfer(int replica, StateTransfer transfer)
    {
        for (int worker = 0; worker < Workers; worker++)
        {
            transfer.Numbers(Of(worker, replica));
        }
    }

    /// <summary>The vectors of a worker in all replicas. (R,P)</summary>
    public Memory<double> All(int worker) => _values[worker];
}
