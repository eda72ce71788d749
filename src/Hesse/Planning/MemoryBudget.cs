using Hesse.Backends;
using Hesse.Backends.Cuda;
using Hesse.Backends.Stepwise;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Optimizers;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>What a wave of replicas takes in memory, and how many replicas fit under the limit.</summary>
internal sealed class MemoryBudget
{
    // Replicas of a lane block: waves are whole blocks where they can be.
    private const int Lanes = 16;

    // The order of the largest matrix with fewer than 2^31 numbers, the most that an eigenvalue solver takes.
    private const int LargestOrder = 46_340;

    // Bytes of a wave of several chunks that is larger than the machine needs.
    private const long MostTogether = 64L << 20;

    // Looked for once: every setting of a sweep asks.
    private static readonly Lazy<bool> s_expectsCuda = new(() => CudaLibraries.IsExpected);

    private readonly int _room; // replicas that fit under the limit
    private readonly long _hostSpace; // bytes of a replica that the processor holds while a CUDA device works; 0 where none does
    private readonly long _hostReplicas; // for how many at once

    /// <summary>Counts.</summary>
    /// <exception cref="HesseException">71: one replica does not fit.</exception>
    public MemoryBudget(SettingPlan plan, RunOptions options)
    {
        long p = plan.Network.ParameterCount;
        RequireMatrices(plan, p);
        int training = plan.Setting.Spec.Precision == Precision.Float32 ? sizeof(float) : sizeof(double);
        long samples = (long)plan.Data.Samples + plan.Data.TestSamples;
        long data = samples * (plan.Data.Dimension + plan.Network.OutputWidth + 1) * sizeof(double);
        long scratch = plan
            .Layouts.Select(layout =>
                (layout.ElementCount + layout.WorkSpace)
                * Slices.Size(layout.ElementCount + layout.WorkSpace, options.ThreadCount)
            )
            .DefaultIfEmpty(0)
            .Max();
        long perThread = plan.Quantities.Select(quantity => quantity.ThreadSpace(plan.Network)).DefaultIfEmpty(0).Max();
        // Parameters now and at the start in double; parameters, gradient and state of the update rule in training.
        OptimizerSpec optimizer = plan.Setting.Spec.Training.Optimizer;
        UpdateRule? rule = optimizer.IsElementWise ? UpdateRule.Create(optimizer) : null;
        int states = rule?.StateCount ?? 0;
        int vectors = 2 + states + (rule?.LooksAhead == true ? 1 : 0);
        // Beside those, what looks at neighbouring steps or at the rule's state, and what is kept from step to step.
        int read = plan.Quantities.Any(quantity => quantity.NeedsOptimizerState) ? 1 + states : 1;
        int more = (plan.Quantities.Any(quantity => quantity.Neighbour != 0) ? 2 * read : read) - 1;
        // Companions have samples of their own.
        long companions = plan.Quantities.Sum(quantity => (long)quantity.Companions);
        long sets = 1 + companions;
        long[] carried =
        [
            .. plan.Quantities.Select(quantity =>
                sizeof(double) * quantity.CarriedSpace(plan.Network, plan.Data.Samples)
            ),
        ];
        RequireCarried(plan, carried);
        // Of the replicas that are measured, what was kept before is held as well.
        long before = plan
            .Layouts.Select(
                (layout, i) => carried[i] * Slices.Size(layout.ElementCount + layout.WorkSpace, options.ThreadCount)
            )
            .DefaultIfEmpty(0)
            .Max();
        PerReplica =
            carried.Sum()
            + (more * p * sizeof(double))
            + (companions * p * vectors * training)
            + (plan.Layouts.Sum(layout => layout.RowLength) * sizeof(double))
            + (p * (((2 + StepwiseRules.Vectors(optimizer)) * sizeof(double)) + (vectors * training)))
            + (plan.Data.PerReplica ? 2 * sets * data : 0);
        Fixed =
            (plan.Data.PerReplica ? 0 : 2 * sets * data)
            + (scratch * sizeof(double))
            + before
            + (options.ThreadCount * perThread * sizeof(double));
        Limit = options.MemoryLimit;
        Threads = options.ThreadCount;
        long numbers = plan
            .Quantities.Select(quantity => quantity.HostSpace(plan.Network, plan.Data.Samples))
            .Append(StepwiseRules.HostSpace(optimizer, plan.Network))
            .Max();
        if (numbers > 0 && MayUseCuda(options))
        {
            _hostSpace = numbers * sizeof(double);
            _hostReplicas = (long)HostSpace.Replicas(numbers) * (options.Devices?.Count ?? 1);
        }

        // Simulated workers have vectors and mini-batches of their own.
        PerReplica += StepwiseRules.BytesOfWorkers(plan.Problem, plan.Setting.Spec.Training.Steps);
        // A wave's values of one observation lie in one array, which holds fewer than 2^31 numbers.
        long longest = plan
            .Layouts.SelectMany(layout => layout.Arrays)
            .Select(array => array.RowLength)
            .Append(p)
            .Max();
        long room = (Limit - Fixed) / (PerReplica + _hostSpace);
        if (room >= _hostReplicas)
        {
            room = (Limit - Fixed - (_hostReplicas * _hostSpace)) / PerReplica;
        }

        room = Math.Min(room, Array.MaxLength / longest);
        if (room < 1)
        {
            throw new HesseException(
                ExitCode.DoesNotFit,
                $"one replica needs {BytesFor(1)} bytes of memory, {Limit} are allowed; "
                    + "observe less, use fewer --threads or raise --memory"
            );
        }

        _room = (int)Math.Min(room, int.MaxValue);
        int wave = (int)Math.Min(room, ReplicaRange.BlockSize);
        WaveSize = wave >= Lanes ? wave / Lanes * Lanes : wave;
    }

    // The backend is opened after planning.
    private static bool MayUseCuda(RunOptions options) =>
        (options.OwnBackend?.Name ?? options.Backend) switch
        {
            "cuda" => true,
            BackendSelector.Automatic => s_expectsCuda.Value,
            _ => false,
        };

    /// <summary>Refuses matrices that no memory limit makes possible.</summary>
    private static void RequireMatrices(SettingPlan plan, long parameters)
    {
        foreach (ObservationLayout layout in plan.Layouts)
        {
            long order =
                layout.Quantity is "hessian" or "ggn" ? parameters
                : layout.Quantity.EndsWith("-spectrum", StringComparison.Ordinal) ? layout.ElementCount
                : 0;
            if (order > LargestOrder)
            {
                throw new HesseException(
                    ExitCode.DoesNotFit,
                    $"observe: {layout.Quantity} needs a matrix of {order} x {order} numbers; "
                        + $"at most {LargestOrder} x {LargestOrder} are possible"
                );
            }
        }
    }

    /// <summary>Refuses what is kept of a replica where a checkpoint could not hold it.</summary>
    private static void RequireCarried(SettingPlan plan, long[] bytes)
    {
        int largest = Array.IndexOf(bytes, bytes.DefaultIfEmpty(0).Max());
        if (largest >= 0 && bytes[largest] > Array.MaxLength)
        {
            throw new HesseException(
                ExitCode.DoesNotFit,
                $"observe: {plan.Quantities[largest].Name} keeps {bytes[largest]} bytes of a replica from one time to the next; "
                    + $"at most {Array.MaxLength} are possible"
            );
        }
    }

    /// <summary>Bytes of one replica of a wave.</summary>
    public long PerReplica { get; }

    /// <summary>Bytes that do not grow with the wave.</summary>
    public long Fixed { get; }

    /// <summary>Threads that share the work.</summary>
    public int Threads { get; }

    /// <summary>Bytes that may be used.</summary>
    public long Limit { get; }

    /// <summary>Bytes of a wave with its work space.</summary>
    /// <param name="replicas">Its replicas.</param>
    public long BytesFor(int replicas) =>
        Fixed + (PerReplica * replicas) + (Math.Min(replicas, _hostReplicas) * _hostSpace);

    /// <summary>Replicas of one chunk that are trained at once.</summary>
    public int WaveSize { get; }

    /// <summary>
    /// Replicas of a wave of several chunks: as many as occupy the machine, four registers of lanes a thread or 16 nets a
    /// multiprocessor, or as 64 MB hold, under the memory limit. A larger wave gains nothing, and would be committed later.
    /// </summary>
    public int Together(IBackend backend)
    {
        long occupying = Math.Max(4L * Lanes * Threads, 16L * backend.Concurrency);
        return (int)Math.Min(_room, Math.Max(occupying, MostTogether / PerReplica));
    }
}
