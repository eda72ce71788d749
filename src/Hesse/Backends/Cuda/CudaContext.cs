using System.Runtime.InteropServices;

namespace Hesse.Backends.Cuda;

/// <summary>A device's primary context, which all users of the device in this process share.</summary>
internal sealed class CudaContext : SafeHandle
{
    private readonly int _device;

    public CudaContext(int device)
        : base(0, ownsHandle: true)
    {
        _device = device;
        CudaStatus.Check(Driver.cuDevicePrimaryCtxRetain(out nint context, device));
        SetHandle(context);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Makes it the context of the calling thread.</summary>
    public void MakeCurrent() => CudaStatus.Check(Driver.cuCtxSetCurrent(handle));

    protected override bool ReleaseHandle() => Driver.cuDevicePrimaryCtxRelease_v2(_device) == Driver.Success;
}

/// <summary>Memory of a device, freed with its owner. Keeps the context alive.</summary>
internal sealed class DeviceMemory : SafeHandle
{
    private readonly CudaContext _context;

    private DeviceMemory(CudaContext context, nint address, long bytes)
        : base(0, ownsHandle: true)
    {
        _context = context;
        Bytes = bytes;
        bool added = false;
        context.DangerousAddRef(ref added);
        SetHandle(address);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Size.</summary>
    public long Bytes { get; }

    /// <summary>Address on the device.</summary>
    public nint Address => handle;

    /// <summary>Memory that is not zeroed, or null when the device has too little. The context must be current.</summary>
    public static DeviceMemory? TryAllocate(CudaContext context, long bytes)
    {
        int status = Driver.cuMemAlloc_v2(out nint address, (nuint)Math.Max(1, bytes));
        if (status == Driver.OutOfMemory)
        {
            return null;
        }

        CudaStatus.Check(status, nameof(Driver.cuMemAlloc_v2));
        return new DeviceMemory(context, address, bytes);
    }

    protected override bool ReleaseHandle()
    {
        _context.MakeCurrent();
        bool freed = Driver.cuMemFree_v2(handle) == Driver.Success;
        _context.DangerousRelease();
        return freed;
    }
}

/// <summary>Compiled kernels on a device. Keeps the context alive.</summary>
internal sealed class KernelModule : SafeHandle
{
    private readonly CudaContext _context;
    private readonly Dictionary<string, nint> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<nint, int> _shared = [];

    private KernelModule(CudaContext context, nint module)
        : base(0, ownsHandle: true)
    {
        _context = context;
        bool added = false;
        context.DangerousAddRef(ref added);
        SetHandle(module);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Loads machine code or PTX, or gives null when the driver takes it for broken. The context must be current.</summary>
    /// <exception cref="HesseException">70: the device is lost, or has no memory for it.</exception>
    public static unsafe KernelModule? TryLoad(CudaContext context, ReadOnlySpan<byte> image)
    {
        fixed (byte* begin = image)
        {
            int status = Driver.cuModuleLoadData(out nint module, begin);
            if (Driver.ImageNotTaken.Contains(status))
            {
                return null;
            }

            // A device that an earlier launch lost says so here, too.
            CudaStatus.Check(status, nameof(Driver.cuModuleLoadData));
            return new KernelModule(context, module);
        }
    }

    /// <summary>A kernel, allowed to use that much dynamic shared memory.</summary>
    public nint Function(string name, int sharedBytes)
    {
        // Up to 48 KB need no permission.
        const int free = 48 << 10;
        if (!_functions.TryGetValue(name, out nint function))
        {
            CudaStatus.Check(Driver.cuModuleGetFunction(out function, handle, name));
            _functions.Add(name, function);
        }

        if (sharedBytes > Math.Max(free, _shared.GetValueOrDefault(function)))
        {
            CudaStatus.Check(Driver.cuFuncSetAttribute(function, FunctionAttribute.MaxDynamicSharedBytes, sharedBytes));
            _shared[function] = sharedBytes;
        }

        return function;
    }

    protected override bool ReleaseHandle()
    {
        _context.MakeCurrent();
        bool unloaded = Driver.cuModuleUnload(handle) == Driver.Success;
        _context.DangerousRelease();
        return unloaded;
    }
}
