using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Stepwise;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Optimizers;
using Hesse.Specs;

namespace Hesse.Planning;

/// <summary>
/// The memory that a wave takes at most, in the backend on the processor: everything that grows with replicas, parameters or samples. The
/// runtime itself and what the collector has not taken back yet are not in it.
/// </summary>
internal sealed class WaveMemory
{
    // Objects of a replica beside its vectors: cursor and numbers of the update rule, its places, losses and marks.
    private const long Bookkeeping = 256;

    private readonly int _threads;
    private readonly int _together; // replicas that share a register in training
    private readonly long _fixed; // bytes that do not grow with the wave
    private readonly long _kept; // bytes of a replica, but for those that follow
    private readonly long _trained; // bytes of its vectors in training
    private readonly long _thread; // bytes of a thread that measures
    private readonly Slice[] _slices; // of each observation

    /// <summary>Counts.</summary>
    public WaveMemory(SettingPlan plan, int threads)
    {
        _threads = threads;
        TrainingProblem problem = plan.Problem;
        Precision precision = plan.Setting.Spec.ObservationPrecision;
        int samples = plan.Data.Samples;
        long p = plan.Network.ParameterCount;
        bool fused = !StepwiseRules.CanTrain(problem);
        _together =
            fused && CpuBackend.TrainsInLanes(problem)
                ? ThreadSpace.RegisterBytes / ThreadSpace.SizeOf(problem.Precision)
                : 1;
        long vectors = Vectors(problem, out int states);
        _trained = p * vectors * ThreadSpace.SizeOf(problem.Precision);
        long companions = plan.Quantities.Sum(quantity => (long)quantity.Companions);
        // The point as it was read last and, for what looks at neighbouring steps, the one before; with the rule's state where it is read.
        long point = p * (plan.Quantities.Any(quantity => quantity.NeedsOptimizerState) ? 1 + states : 1);
        long points = plan.Quantities.Any(quantity => quantity.Neighbour != 0) ? 2 * point : point;
        long initial = plan.Quantities.Any(quantity => quantity.NeedsInitialParameters) ? p : 0;
        // Simulated workers have vectors and mini-batches of their own.
        long workers = StepwiseRules.BytesOfWorkers(problem, plan.Setting.Spec.Training.Steps);
        long stepwise = fused ? 0 : (1 + StepwiseRules.Vectors(problem.Optimizer)) * p * sizeof(double);
        long[] carried =
        [
            .. plan.Quantities.Select(quantity => sizeof(double) * quantity.CarriedSpace(plan.Network, samples)),
        ];
        // Companions have samples of their own; rules that train stepwise draw theirs again.
        long data = (Data(plan, samples) + Data(plan, plan.Data.TestSamples)) * ((fused ? 1 : 2) + companions);
        _kept =
            Bookkeeping
            + ((points + initial + plan.Layouts.Sum(layout => layout.RowLength)) * sizeof(double))
            + (companions * _trained)
            + stepwise
            + workers
            + carried.Sum()
            + (plan.Data.PerReplica ? data : 0);
        // Every worker has its work space of training from the beginning, and companions have their own.
        long training = fused ? threads * (1 + companions) * ThreadSpace.Sum(ThreadSpace.OfTraining(problem)) : 0;
        _fixed = training + (plan.Data.PerReplica ? 0 : data);
        _thread = ThreadSpace.Sum([
            .. plan.Quantities.SelectMany(quantity => quantity.HeldByThread(plan.Network, samples, precision)),
            .. fused ? [] : ThreadSpace.OfNet(plan.Network, samples, problem.Precision),
        ]);
        _slices = [.. plan.Layouts.Select((_, i) => SliceOf(plan, i, states, carried[i]))];
    }

    /// <summary>Bytes by which a wave grows with a replica.</summary>
    public long PerReplica => _kept + _trained;

    /// <summary>Bytes of a wave of so many replicas.</summary>
    public long Of(int replicas)
    {
        long blocks = (replicas + _together - 1) / _together;
        long measured = 0;
        foreach (Slice slice in _slices)
        {
            measured = Math.Max(measured, Math.Min(replicas, slice.Replicas) * slice.Bytes);
        }

        return _fixed
            + (_kept * replicas)
            + (blocks * _together * _trained)
            + (Math.Min(_threads, replicas) * _thread)
            + measured;
    }

    // Parameters and state of the update rule; of a rule that looks ahead a vector more.
    private static long Vectors(TrainingProblem problem, out int states)
    {
        UpdateRule? rule = problem.Optimizer.IsElementWise ? UpdateRule.Create(problem.Optimizer) : null;
        states = rule?.StateCount ?? StepwiseRules.StateCount(problem.Optimizer);
        return 1 + (rule?.StateCount ?? 0) + (rule?.LooksAhead == true ? 1 : 0);
    }

    // A set of samples in double, and in the precision of the training; labels or targets as the loss reads them.
    private static long Data(SettingPlan plan, int samples)
    {
        bool labels = plan.Network.Loss == Loss.CrossEntropy;
        int size = ThreadSpace.SizeOf(plan.Problem.Precision);
        long answers = labels ? sizeof(int) + size : (sizeof(double) + size) * (long)plan.Network.OutputWidth;
        return samples * ((plan.Data.Dimension * (long)(sizeof(double) + size)) + answers);
    }

    // What is measured at once: values with their work space, and copies of what they are computed from.
    private Slice SliceOf(SettingPlan plan, int observation, int states, long carried)
    {
        IQuantity quantity = plan.Quantities[observation];
        ObservationLayout layout = plan.Layouts[observation];
        if (!quantity.NeedsParameters)
        {
            return new(int.MaxValue, layout.ElementCount * sizeof(double));
        }

        int copies = 1 + (quantity.Neighbour != 0 ? 1 : 0) + (quantity.NeedsInitialParameters ? 1 : 0);
        copies += quantity.NeedsOptimizerState ? states : 0;
        long numbers = layout.ElementCount + layout.WorkSpace + ((long)copies * plan.Network.ParameterCount);
        int samples = plan.Data.Samples + (quantity.ReadsTestSamples ? plan.Data.TestSamples : 0);
        return new(
            Slices.Size(layout.ElementCount + layout.WorkSpace, _threads),
            // Of replicas that are measured, what was kept before is held as well.
            carried + (numbers * sizeof(double)) + (plan.Data.PerReplica ? Data(plan, samples) : 0)
        );
    }

    // Replicas of one observation that are measured at once, and bytes of each.
    private sealed record Slice(int Replicas, long Bytes);
}
