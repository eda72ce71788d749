using System.Runtime.InteropServices;
using System.Text;

namespace Hesse.Backends.Cuda;

/// <summary>
/// One device with its context: memory, copies, launches. Everything runs in the order of the calls (the default stream); copies to the host wait
/// for what comes before them. Calls belong to the thread that called <see cref="MakeCurrent"/> last.
/// </summary>
internal sealed unsafe class CudaDevice : IDisposable
{
    private readonly CudaContext _context;
    private readonly Dictionary<string, KernelModule> _modules = new(StringComparer.Ordinal);

    /// <summary>Opens a device.</summary>
    /// <param name="ordinal">Its number among the visible devices.</param>
    /// <param name="compiler">Compiles its kernels.</param>
    /// <param name="use">Libraries that compute in the place of kernels; they are loaded already.</param>
    /// <exception cref="HesseException">69: cuBLAS is told to round float32; 70: a call fails.</exception>
    public CudaDevice(int ordinal, KernelCompiler compiler, LibraryUse use)
    {
        Compiler = compiler;
        Properties = DeviceProperties.Of(ordinal);
        CudaStatus.Check(Driver.cuDeviceGet(out int device, ordinal));
        _context = new CudaContext(device);
        MakeCurrent();
        Solver = use.Solver ? new SolverContext() : null;
        if (use.Blas)
        {
            Blas = new BlasContext();
            SinglePrecision.Require(this, Blas);
        }
    }

    /// <summary>cuSOLVER where it computes spectra, else null.</summary>
    public SolverContext? Solver { get; }

    /// <summary>cuBLAS where it trains and measures nets that do not fit in shared memory, else null.</summary>
    public BlasContext? Blas { get; }

    /// <summary>Name, architecture and sizes.</summary>
    public DeviceProperties Properties { get; }

    /// <summary>Compiles its kernels.</summary>
    public KernelCompiler Compiler { get; }

    /// <summary>Bytes that can be allocated now.</summary>
    public long FreeBytes
    {
        get
        {
            CudaStatus.Check(Driver.cuMemGetInfo_v2(out nuint free, out _));
            return (long)free;
        }
    }

    /// <summary>Makes this the device of the calling thread.</summary>
    public void MakeCurrent() => _context.MakeCurrent();

    /// <summary>The kernels of a program, compiled once a process and machine.</summary>
    public KernelModule Module(KernelProgram program)
    {
        lock (_modules)
        {
            if (!_modules.TryGetValue(program.Key, out KernelModule? module))
            {
                module = Compiler.Load(program, _context, Properties);
                _modules.Add(program.Key, module);
            }

            return module;
        }
    }

    /// <summary>Memory that is not zeroed, or null when there is too little.</summary>
    public DeviceMemory? TryAllocate(long bytes) => DeviceMemory.TryAllocate(_context, bytes);

    /// <summary>Copies numbers to the device.</summary>
    public void Upload<T>(ReadOnlySpan<T> from, DeviceMemory to, long offset = 0)
        where T : unmanaged
    {
        fixed (T* begin = from)
        {
            CudaStatus.Check(
                Driver.cuMemcpyHtoD_v2(to.Address + (nint)(offset * sizeof(T)), begin, Bytes<T>(from.Length))
            );
        }
    }

    /// <summary>Copies numbers to the host, after waiting for all kernels before.</summary>
    public void Download<T>(DeviceMemory from, Span<T> to, long offset = 0)
        where T : unmanaged
    {
        fixed (T* begin = to)
        {
            CudaStatus.Check(
                Driver.cuMemcpyDtoH_v2(begin, from.Address + (nint)(offset * sizeof(T)), Bytes<T>(to.Length))
            );
        }
    }

    /// <summary>Fills memory with zeros.</summary>
    public void Clear(DeviceMemory memory)
    {
        if (memory.Bytes > 0)
        {
            CudaStatus.Check(Driver.cuMemsetD8_v2(memory.Address, 0, (nuint)memory.Bytes));
        }
    }

    /// <summary>Starts a kernel of gridX x gridY blocks of so many threads.</summary>
    public void Launch(
        KernelModule module,
        string name,
        (long X, long Y) grid,
        int threads,
        int sharedBytes,
        params ReadOnlySpan<KernelArgument> arguments
    )
    {
        nint function = module.Function(name, sharedBytes);
        long* values = stackalloc long[arguments.Length];
        void** pointers = stackalloc void*[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Bits;
            pointers[i] = values + i;
        }

        CudaStatus.Check(
            Driver.cuLaunchKernel(
                function,
                checked((uint)grid.X),
                checked((uint)grid.Y),
                1,
                (uint)threads,
                1,
                1,
                (uint)sharedBytes,
                0,
                pointers,
                null
            )
        );
    }

    /// <summary>Waits until everything is done, and says so when it failed.</summary>
    public void Synchronize() => CudaStatus.Check(Driver.cuCtxSynchronize());

    public void Dispose()
    {
        foreach (KernelModule module in _modules.Values)
        {
            module.Dispose();
        }

        Solver?.Dispose();
        Blas?.Dispose();
        _context.Dispose();
    }

    private static nuint Bytes<T>(int length)
        where T : unmanaged => (nuint)length * (nuint)sizeof(T);
}

/// <summary>What a device is.</summary>
/// <param name="Ordinal">Number among the visible devices.</param>
/// <param name="Name">As NVIDIA calls it.</param>
/// <param name="Major">Of the compute capability.</param>
/// <param name="Minor">Of the compute capability.</param>
/// <param name="Bytes">Memory.</param>
/// <param name="Multiprocessors">Streaming multiprocessors.</param>
/// <param name="SharedBytesPerBlock">Shared memory that one block can have.</param>
/// <param name="SharedBytesPerMultiprocessor">Shared memory of a multiprocessor.</param>
internal sealed record DeviceProperties(
    int Ordinal,
    string Name,
    int Major,
    int Minor,
    long Bytes,
    int Multiprocessors,
    int SharedBytesPerBlock,
    int SharedBytesPerMultiprocessor
)
{
    /// <summary>sm_90 and the like.</summary>
    public string Architecture => $"sm_{Major}{Minor}";

    /// <summary>Asks the driver.</summary>
    public static unsafe DeviceProperties Of(int ordinal)
    {
        CudaStatus.Check(Driver.cuDeviceGet(out int device, ordinal));
        const int length = 256;
        byte* name = stackalloc byte[length];
        CudaStatus.Check(Driver.cuDeviceGetName(name, length, device));
        CudaStatus.Check(Driver.cuDeviceTotalMem_v2(out nuint bytes, device));
        return new DeviceProperties(
            ordinal,
            Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)),
            Attribute(DeviceAttribute.ComputeCapabilityMajor, device),
            Attribute(DeviceAttribute.ComputeCapabilityMinor, device),
            (long)bytes,
            Attribute(DeviceAttribute.MultiprocessorCount, device),
            Attribute(DeviceAttribute.SharedBytesPerBlockOptIn, device),
            Attribute(DeviceAttribute.SharedBytesPerMultiprocessor, device)
        );
    }

    private static int Attribute(DeviceAttribute attribute, int device)
    {
        CudaStatus.Check(Driver.cuDeviceGetAttribute(out int value, attribute, device));
        return value;
    }
}
