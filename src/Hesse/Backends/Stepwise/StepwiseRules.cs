using Hesse.Backends.Distributed;
using Hesse.Networks;
using Hesse.Optimizers;
using Hesse.Specs;

namespace Hesse.Backends.Stepwise;

/// <summary>Which problems are trained step by step, and by which rule.</summary>
internal static class StepwiseRules
{
    /// <summary>Whether a problem is trained step by step.</summary>
    public static bool CanTrain(TrainingProblem problem) => Of(problem) is not null;

    /// <summary>Replicas of such a problem.</summary>
    public static IReplicas Create(ReplicaGroup group, IStepwiseBackend backend) =>
        new StepwiseReplicas(group, backend, Of(group.Problem)!);

    /// <summary>Makes the rule of a wave, or null where the fused training of the backends does it.</summary>
    public static Func<StepwiseReplicas, IStepwiseRule>? Of(TrainingProblem problem) =>
        problem.Workers switch
        {
            null => OfOptimizer(problem.Optimizer),
            { Aggregation: Aggregation.Local or Aggregation.GossipPga } workers => replicas => new LocalUpdate(
                replicas,
                workers
            ),
            { } workers => replicas => new CentralUpdate(replicas, workers),
        };

    /// <summary>Bytes that the workers of a replica take beside parameters and one rule's state; 0 where there are none.</summary>
    public static long BytesOfWorkers(TrainingProblem problem, int steps) =>
        problem.Workers is { } workers ? DistributedMemory.BytesPerReplica(problem, workers, steps) : 0;

    /// <summary>Parameter vectors in double that the rule of a wave keeps for a replica; 0 where training is fused.</summary>
    public static int Vectors(OptimizerSpec optimizer) =>
        optimizer switch
        {
            GradientFlowSpec { Method: FlowMethod.Adaptive } => DormandPrince.Stages + 2,
            // With three critical eigenvalues: vectors and directions, products, six third derivatives, points; the variances.
            GradientFlowSpec { Method: FlowMethod.Central } => 7 + 24 + 1,
            GradientFlowSpec => 7,
            SgdPartialHessianSpec => 4,
            PreconditionedSgdSpec => 3,
            AdaptiveSgdSpec => 2,
            _ => 0,
        };

    /// <summary>Those of them that <see cref="IStepwiseRule.CopyState"/> gives.</summary>
    public static int StateCount(OptimizerSpec optimizer) =>
        optimizer is PreconditionedSgdSpec or GradientFlowSpec { Method: FlowMethod.Central } ? 1 : 0;

    /// <summary>Numbers of a replica that the processor holds while a CUDA device finds the eigenvalues that a rule asks for.</summary>
    public static long HostSpace(OptimizerSpec optimizer, Network network) =>
        optimizer is GradientFlowSpec { Method: not FlowMethod.Adaptive }
            ? Cuda.HostSpace.OfHessian(network.ParameterCount, pairs: 1, EigenpairMethod.Automatic)
            : 0;

    private static Func<StepwiseReplicas, IStepwiseRule>? OfOptimizer(OptimizerSpec optimizer) =>
        optimizer switch
        {
            GradientFlowSpec flow => replicas => new GradientFlow(replicas, flow),
            AdaptiveSgdSpec adaptive => replicas => new AdaptiveSgd(replicas, adaptive),
            PreconditionedSgdSpec preconditioned => replicas => new PreconditionedSgd(replicas, preconditioned),
            SgdPartialHessianSpec partial => replicas => new SgdPartialHessian(replicas, partial),
            _ => null,
        };
}
