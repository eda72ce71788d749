using Hesse.Backends.Cpu;
using Hesse.Backends.Stepwise;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

/// <summary>
/// NVIDIA devices. Replicas train in kernels compiled for the net's own shape, a thread block each, many steps a launch; their numbers are
/// those of the SIMD backend wherever only additions, multiplications, divisions and roots are used, which is everywhere but in sines of
/// huge arguments. The SIMD backend, which every object of this class holds, trains by rules without a kernel and solves small problems.
/// </summary>
public sealed partial class CudaBackend : IBackend, IStepwiseBackend
{
    private readonly CpuBackend _cpu;
    private readonly CudaDevice[] _devices;
    private readonly Action<string> _notice;

    /// <summary>Opens devices.</summary>
    /// <param name="devices">Their numbers among the visible ones; null for the first.</param>
    /// <param name="threads">Worker threads of what runs on the processor; 0 for one a core.</param>
    /// <param name="notice">Is told, a line each, what changes no number: short memory, damaged cache entries.</param>
    /// <exception cref="HesseException">
    /// 69: no driver, no compiler, no such device or no library that HESSE_CUDA_USE names; 64: it names none. The message names the remedy.
    /// </exception>
    public CudaBackend(IReadOnlyList<int>? devices = null, int threads = 0, Action<string>? notice = null)
        : this(LibraryUse.Asked, devices, threads, notice) { }

    /// <summary>Opens devices, with libraries named.</summary>
    /// <param name="use">Which of NVIDIA's libraries compute.</param>
    /// <param name="devices">As above.</param>
    /// <param name="threads">As above.</param>
    /// <param name="notice">As above.</param>
    /// <param name="hostBytes">Memory of the processor for what it finds of a device's batch; how much it is changes no number.</param>
    internal CudaBackend(
        LibraryUse use,
        IReadOnlyList<int>? devices,
        int threads,
        Action<string>? notice,
        long hostBytes = HostSpace.Usual
    )
    {
        _notice = notice ?? (static _ => { });
        CudaSystem system = CudaSystem.Open();
        KernelCompiler compiler = new(system, new KernelCache(KernelCache.UsualFolder, _notice), _notice);
        devices ??= [0];
        foreach (int ordinal in devices)
        {
            if (ordinal < 0 || ordinal >= system.Devices)
            {
                throw new HesseException(
                    ExitCode.DeviceUnavailable,
                    $"backend cuda: there is no device {ordinal}; this machine shows "
                        + (system.Devices == 1 ? "device 0 only" : $"devices 0 to {system.Devices - 1}")
                );
            }
        }

        if (use.Solver)
        {
            CudaLibraries.RequireSolver(system.DriverVersion / 1000);
        }

        if (use.Blas)
        {
            CudaLibraries.RequireBlas(system.DriverVersion / 1000);
        }

        _devices = [.. devices.Select(ordinal => new CudaDevice(ordinal, compiler, use))];
        _cpu = new CpuBackend(threads);
        Lock one = new();
        void OnTheProcessor(int items, Action<int> work)
        {
            lock (one)
            {
                ((IStepwiseBackend)_cpu).Split(items, (_, item) => work(item));
            }
        }

        _single = new CudaOperations<float>(_devices, OnTheProcessor, hostBytes, _notice);
        _double = new CudaOperations<double>(_devices, OnTheProcessor, hostBytes, _notice);
        if (_devices.Select(device => device.Properties.Architecture).Distinct(StringComparer.Ordinal).Count() > 1)
        {
            Dispose();
            throw new HesseException(
                ExitCode.DeviceUnavailable,
                "backend cuda: the devices have different architectures, which do not give the same numbers; use one kind at a time"
            );
        }
    }

    /// <inheritdoc/>
    public string Name => "cuda";

    /// <inheritdoc/>
    public string Device => _devices[0].Properties.Name;

    /// <summary>The architecture, and with their versions the libraries that compute in the place of our own kernels: sm_90+cusolver-11.7.1.</summary>
    public string Architecture =>
        _devices[0].Properties.Architecture
        + (_devices[0].Solver is { } solver ? $"+cusolver-{solver.Version}" : string.Empty)
        + (_devices[0].Blas is { } blas ? $"+cublas-{blas.Version}" : string.Empty);

    /// <inheritdoc/>
    public int Concurrency => _devices.Sum(device => device.Properties.Multiprocessors);

    /// <summary>Whether the device is the emulator of native/emulator, which is there for tests and slower than any processor.</summary>
    internal bool IsEmulated => Device.Contains("emulator", StringComparison.Ordinal);

    int IStepwiseBackend.Threads => _cpu.Threads;

    /// <inheritdoc/>
    public IReplicas CreateReplicas(Wave wave)
    {
        TrainingProblem problem = wave.Problem;
        if (StepwiseRules.CanTrain(problem))
        {
            return ReplicasInTurn.Of(wave, group => StepwiseRules.Create(group, this));
        }

        if (UpdateNumbers.Of(problem.Optimizer) is null)
        {
            _notice($"backend cuda: {problem.Optimizer.GetType().Name} has no kernel; the processor trains");
            return _cpu.CreateReplicas(wave);
        }

        return problem.Precision == Precision.Float32
            ? new CudaReplicas<float>(_devices, wave, _notice)
            : new CudaReplicas<double>(_devices, wave, _notice);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cpu.Dispose();
        foreach (CudaDevice device in _devices)
        {
            device.Dispose();
        }
    }

    void IStepwiseBackend.Split(int items, Action<int, int> work) => ((IStepwiseBackend)_cpu).Split(items, work);

    Precision IStepwiseBackend.Keeps(Precision asked) => asked;

    IVectorUpdates IStepwiseBackend.CreateUpdates(TrainingProblem problem, int vectors) =>
        ((IStepwiseBackend)_cpu).CreateUpdates(problem, vectors);
}
