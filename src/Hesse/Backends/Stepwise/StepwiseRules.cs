using Hesse.Backends.Distributed;

namespace Hesse.Backends.Stepwise;

/// <summary>Which problems are trained step by step, and by which rule.</summary>
internal static class StepwiseRules
{
    /// <summary>Makes the rule of a wave, or null where the fused training of the backends does it.</summary>
    public static Func<StepwiseReplicas, IStepwiseRule>? Of(TrainingProblem problem) =>
        problem.Workers switch
        {
            null => null,
            { } workers => replicas => new CentralUpdate(replicas, workers),
        };
}
