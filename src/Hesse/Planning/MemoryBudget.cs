using Hesse.Backends;
using Hesse.Backends.Cuda;
using Hesse.Backends.Stepwise;
using Hesse.Observables;
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

    private readonly WaveMemory _wave;
    private readonly int _room; // replicas that fit under the limit
    private readonly long _hostSpace; // bytes of a replica that the processor holds while a CUDA device works; 0 where none does
    private readonly long _hostReplicas; // for how many at once

    /// <summary>Counts.</summary>
    /// <exception cref="HesseException">71: one replica does not fit.</exception>
    public MemoryBudget(SettingPlan plan, RunOptions options)
    {
        long p = plan.Network.ParameterCount;
        RequireMatrices(plan, p);
        RequireCarried(plan);
        Limit = options.MemoryLimit;
        Threads = options.ThreadCount;
        _wave = new WaveMemory(plan, Threads);
        long numbers = plan
            .Quantities.Select(quantity => quantity.HostSpace(plan.Network, plan.Data.Samples))
            .Append(StepwiseRules.HostSpace(plan.Problem.Optimizer, plan.Network))
            .Max();
        if (numbers > 0 && MayUseCuda(options))
        {
            _hostSpace = numbers * sizeof(double);
            _hostReplicas = (long)HostSpace.Replicas(numbers) * (options.Devices?.Count ?? 1);
        }

        // A wave's values of one observation lie in one array, which holds fewer than 2^31 numbers.
        long longest = plan
            .Layouts.SelectMany(layout => layout.Arrays)
            .Select(array => array.RowLength)
            .Append(p)
            .Max();
        _room = LargestUpTo((int)(Array.MaxLength / longest));
        if (_room < 1)
        {
            throw new HesseException(
                ExitCode.DoesNotFit,
                $"one replica needs {BytesFor(1)} bytes of memory, {Limit} are allowed; "
                    + "observe less, use fewer --threads or raise --memory"
            );
        }

        int wave = Math.Min(_room, ReplicaRange.BlockSize);
        WaveSize = wave >= Lanes ? wave / Lanes * Lanes : wave;
    }

    // Replicas that fit, by bisection: what a wave takes never falls with its replicas.
    private int LargestUpTo(int most)
    {
        int fits = 0;
        for (int past = most; fits < past; )
        {
            int middle = past - ((past - fits) / 2);
            (fits, past) = BytesFor(middle) <= Limit ? (middle, past) : (fits, middle - 1);
        }

        return fits;
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
    private static void RequireCarried(SettingPlan plan)
    {
        foreach (IQuantity quantity in plan.Quantities)
        {
            long bytes = sizeof(double) * quantity.CarriedSpace(plan.Network, plan.Data.Samples);
            if (bytes > Array.MaxLength)
            {
                throw new HesseException(
                    ExitCode.DoesNotFit,
                    $"observe: {quantity.Name} keeps {bytes} bytes of a replica from one time to the next; "
                        + $"at most {Array.MaxLength} are possible"
                );
            }
        }
    }

    /// <summary>Threads that share the work.</summary>
    public int Threads { get; }

    /// <summary>Bytes that may be used.</summary>
    public long Limit { get; }

    /// <summary>Bytes of a wave with its work space.</summary>
    /// <param name="replicas">Its replicas.</param>
    public long BytesFor(int replicas) => _wave.Of(replicas) + (Math.Min(replicas, _hostReplicas) * _hostSpace);

    /// <summary>Replicas of one chunk that are trained at once.</summary>
    public int WaveSize { get; }

    /// <summary>
    /// Replicas of a wave of several chunks: as many as occupy the machine, four registers of lanes a thread or 16 nets a
    /// multiprocessor, or as 64 MB hold, under the memory limit. A larger wave gains nothing, and would be committed later.
    /// </summary>
    public int Together(IBackend backend)
    {
        long occupying = Math.Max(4L * Lanes * Threads, 16L * backend.Concurrency);
        return (int)Math.Min(_room, Math.Max(occupying, MostTogether / _wave.PerReplica));
    }
}
