using Hesse.Networks;

namespace Hesse.Backends.Stepwise;

/// <summary>What a backend of the processor lends to training step by step, beside its operations.</summary>
internal interface IStepwiseBackend : IBackend
{
    /// <summary>Number of threads.</summary>
    int Threads { get; }

    /// <summary>Runs work(thread, item) for every item 0 .. items-1, on all threads.</summary>
    void Split(int items, Action<int, int> work);

    /// <summary>The precision in which this backend keeps parameters when training in the one asked for.</summary>
    Precision Keeps(Precision asked);

    /// <summary>The element-wise update rule of a problem, with state for this many parameter vectors.</summary>
    IVectorUpdates CreateUpdates(TrainingProblem problem, int vectors);
}
