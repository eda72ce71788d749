namespace Hesse.Backends.Cuda;

/// <summary>Several arrays on a device, all or none of which exist.</summary>
internal sealed class DeviceArrays : IDisposable
{
    private readonly List<DeviceMemory> _arrays = [];

    private DeviceArrays() { }

    /// <summary>Array number i.</summary>
    public DeviceMemory this[int i] => _arrays[i];

    /// <summary>Allocates arrays of these sizes in bytes, or gives null when the device has too little memory.</summary>
    public static DeviceArrays? TryAllocate(CudaDevice device, params ReadOnlySpan<long> sizes)
    {
        DeviceArrays all = new();
        foreach (long bytes in sizes)
        {
            DeviceMemory? array = device.TryAllocate(bytes);
            if (array is null)
            {
                all.Dispose();
                return null;
            }

            all._arrays.Add(array);
        }

        return all;
    }

    /// <summary>
    /// Arrays for as many replicas as fit: first by what is free, then half as many each time the device refuses, which is told.
    /// </summary>
    /// <param name="device">Where.</param>
    /// <param name="replicas">The most that are wanted.</param>
    /// <param name="sizes">Bytes of each array for a number of replicas.</param>
    /// <param name="notice">Is told of each halving.</param>
    /// <param name="count">How many it was.</param>
    /// <exception cref="HesseException">71: not even one fits.</exception>
    public static DeviceArrays AllocateWave(
        CudaDevice device,
        int replicas,
        Func<int, long[]> sizes,
        Action<string> notice,
        out int count
    )
    {
        long free = device.FreeBytes;
        long one = sizes(1).Sum();
        long perReplica = Math.Max(1, sizes(2).Sum() - one);
        // A sixteenth is left for kernels and for what others take meanwhile.
        long room = free - (free / 16) - one;
        count = (int)Math.Clamp(1 + (room / perReplica), 1, replicas);
        while (true)
        {
            if (TryAllocate(device, sizes(count)) is { } arrays)
            {
                return arrays;
            }

            if (count == 1)
            {
                throw new HesseException(
                    ExitCode.DoesNotFit,
                    $"{device.Properties.Name}: one replica needs {one} bytes of device memory, {device.FreeBytes} are free; "
                        + "use --backend cpu, or observe less"
                );
            }

            notice(
                $"{device.Properties.Name}: no memory for {count} replicas at once; going on with {count / 2}, same numbers"
            );
            count /= 2;
        }
    }

    public void Dispose()
    {
        foreach (DeviceMemory array in _arrays)
        {
            array.Dispose();
        }
    }
}
