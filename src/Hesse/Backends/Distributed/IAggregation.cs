using Hesse.Backends.Stepwise;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>What a server makes of the vectors that its workers send; it takes the gradient's place in the update rule.</summary>
internal interface IAggregation
{
    /// <summary>Aggregates the vectors of one replica; different replicas may come at the same time on different threads.</summary>
    /// <param name="thread">The thread that calls.</param>
    /// <param name="replica">Replica of the wave.</param>
    /// <param name="step">Updates made so far.</param>
    /// <param name="sent">The workers' vectors.</param>
    /// <param name="aggregate">(P), overwritten.</param>
    void Run(int thread, int replica, int step, WorkerVectors sent, Span<double> aggregate);

    /// <summary>Names what it keeps of a replica from one update to the next.</summary>
    void Transfer(int replica, StateTransfer transfer) { }
}

/// <summary>From a name to an aggregation.</summary>
internal static class Aggregations
{
    /// <summary>The aggregation of a wave.</summary>
    public static IAggregation Create(StepwiseReplicas replicas, WorkersSpec workers, int batchesPerEpoch) =>
        workers.Aggregation switch
        {
            Aggregation.Median => new Median(),
            Aggregation.MajorityVote => new MajorityVote(),
            Aggregation.StoSign => new StochasticSign(replicas, workers),
            Aggregation.Safeguard => new Safeguard(replicas, workers, batchesPerEpoch),
            _ => new Mean(),
        };

    /// <summary>-1, 0 or 1; what is not a number stays so, so that a diverged replica shows itself.</summary>
    public static double Sign(double x) =>
        x > 0 ? 1
        : x < 0 ? -1
        : x;
}
