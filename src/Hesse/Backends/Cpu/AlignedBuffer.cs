using System.Runtime.InteropServices;

namespace Hesse.Backends.Cpu;

/// <summary>Native memory on a 64-byte boundary, zeroed, owned by one object.</summary>
internal sealed unsafe class AlignedBuffer<T> : SafeHandle
    where T : unmanaged
{
    // Room behind the last element, so that a kernel may read (never use) one whole register past it.
    private const int Slack = 64;

    private readonly long _bytes;

    public AlignedBuffer(long length)
        : base(0, ownsHandle: true)
    {
        nuint bytes = checked((nuint)(length * sizeof(T)) + Slack);
        try
        {
            SetHandle((nint)NativeMemory.AlignedAlloc(bytes, 64));
        }
        catch (OutOfMemoryException cause)
        {
            throw new HesseException(ExitCode.DoesNotFit, $"{bytes} bytes of memory could not be had", cause);
        }

        NativeMemory.Clear((void*)handle, bytes);
        Length = length;
        _bytes = (long)bytes;
        AlignedMemory.Count(_bytes);
    }

    public long Length { get; }

    public T* Pointer => (T*)handle;

    public override bool IsInvalid => handle == 0;

    /// <summary>All of it; only for buffers below 2^31 elements.</summary>
    public Span<T> Span => new(Pointer, checked((int)Length));

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        AlignedMemory.Count(-_bytes);
        return true;
    }
}

/// <summary>What all such buffers of the process take together. No computation reads it: it is there to be compared with what is planned.</summary>
internal static class AlignedMemory
{
    private static long s_held;

    /// <summary>Bytes.</summary>
    public static long Held => Interlocked.Read(ref s_held);

    /// <summary>So many bytes more.</summary>
    public static void Count(long bytes) => Interlocked.Add(ref s_held, bytes);
}
