using Hesse.Backends.Stepwise;
using Hesse.Data;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>The mini-batches of every worker: of its own rows, by its own random numbers.</summary>
internal static class WorkerBatches
{
    /// <summary>One for each worker.</summary>
    /// <param name="replicas">The wave.</param>
    /// <param name="workers">How many, and how the rows are split.</param>
    /// <param name="attack">Who sees flipped labels; null for none.</param>
    /// <param name="batchesPerEpoch">Steps in which the slowest worker sees all its rows.</param>
    public static MiniBatches[] Of(
        StepwiseReplicas replicas,
        WorkersSpec workers,
        ByzantineAttack? attack,
        out int batchesPerEpoch
    )
    {
        TrainingProblem problem = replicas.Problem;
        int[]?[] shares = WorkerShares.Of(workers, replicas.Training);
        DataSet? flipped =
            attack?.FlipsLabels == true ? ByzantineAttack.Flipped(replicas.Training, problem.Network) : null;
        MiniBatches[] batches = new MiniBatches[workers.Count];
        batchesPerEpoch = 1;
        for (int worker = 0; worker < batches.Length; worker++)
        {
            int rows = shares[worker]?.Length ?? replicas.Training.Samples;
            BatchIndices indices = new(problem.Seed, rows, problem.Batch, worker);
            DataSet data = flipped is not null && worker >= attack!.Honest ? flipped : replicas.Training;
            batches[worker] = new MiniBatches(replicas, data, indices, shares[worker]);
            batchesPerEpoch = Math.Max(batchesPerEpoch, indices.BatchesPerEpoch);
        }

        return batches;
    }
}
