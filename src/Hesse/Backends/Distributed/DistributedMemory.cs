using Hesse.Optimizers;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>What the workers of a replica take in memory.</summary>
internal static class DistributedMemory
{
    /// <summary>Bytes of one replica beside its parameters and the state of one update rule.</summary>
    public static long BytesPerReplica(TrainingProblem problem, WorkersSpec workers, int steps)
    {
        long m = workers.Count;
        int batch = new BatchIndices(problem.Seed, problem.Data.Samples, problem.Batch).LargestBatch;
        int columns = problem.Data.Dimension + problem.Network.OutputWidth + 1;
        // The batch and the shorter one at the end of an epoch.
        long batches = 2 * m * batch * columns;
        UpdateRule rule = UpdateRule.Create(problem.Optimizer);
        // The vectors of all workers, the point where a rule looks ahead, and what each rule keeps besides.
        long vectors = m + 1 + (rule.LooksAhead ? 1 : 0);
        vectors += workers.Aggregation switch
        {
            Aggregation.Safeguard => 2 * m,
            Aggregation.StoSign => 1,
            Aggregation.Local or Aggregation.GossipPga => m * (rule.StateCount + (rule.LooksAhead ? 1 : 0)),
            _ => 0,
        };
        if (workers.Attackers is { Attack: Attack.Delayed } late)
        {
            vectors += (long)late.Count * Math.Min(steps, ByzantineAttack.DelayOf(late));
        }

        return sizeof(double) * (batches + (vectors * problem.Network.ParameterCount));
    }
}
