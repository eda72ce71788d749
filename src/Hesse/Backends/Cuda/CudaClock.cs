namespace Hesse.Backends.Cuda;

internal static unsafe partial class Driver
{
    [System.Runtime.InteropServices.LibraryImport(Library)]
    public static partial int cuEventCreate(out nint created, uint flags);

    [System.Runtime.InteropServices.LibraryImport(Library)]
    public static partial int cuEventRecord(nint recorded, nint stream);

    [System.Runtime.InteropServices.LibraryImport(Library)]
    public static partial int cuEventSynchronize(nint awaited);

    [System.Runtime.InteropServices.LibraryImport(Library)]
    public static partial int cuEventElapsedTime(out float milliseconds, nint from, nint to);

    [System.Runtime.InteropServices.LibraryImport(Library)]
    public static partial int cuEventDestroy_v2(nint destroyed);
}

/// <summary>Two events of a device, between which its own clock counts.</summary>
internal sealed class CudaClock : IDisposable
{
    private readonly CudaDevice _device;
    private readonly nint _begin;
    private readonly nint _end;

    public CudaClock(CudaDevice device)
    {
        _device = device;
        device.MakeCurrent();
        CudaStatus.Check(Driver.cuEventCreate(out _begin, 0));
        CudaStatus.Check(Driver.cuEventCreate(out _end, 0));
    }

    /// <summary>Seconds that the device takes for what <paramref name="work"/> starts on it.</summary>
    public double Seconds(Action work)
    {
        _device.MakeCurrent();
        CudaStatus.Check(Driver.cuEventRecord(_begin, 0));
        work();
        _device.MakeCurrent();
        CudaStatus.Check(Driver.cuEventRecord(_end, 0));
        CudaStatus.Check(Driver.cuEventSynchronize(_end));
        CudaStatus.Check(Driver.cuEventElapsedTime(out float milliseconds, _begin, _end));
        return milliseconds / 1e3;
    }

    public void Dispose()
    {
        _device.MakeCurrent();
        // The device may be lost already, which whoever used the clock has been told.
        _ = Driver.cuEventDestroy_v2(_begin);
        _ = Driver.cuEventDestroy_v2(_end);
    }
}
