using System.Runtime.InteropServices;

namespace Hesse.Backends.Cuda;

/// <summary>
/// One argument of a kernel in eight bytes; a kernel that takes fewer reads the first of them. Floating-point numbers travel in
/// arrays only, so nothing here depends on the precision.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KernelArgument(long Bits)
{
    public static implicit operator KernelArgument(int value) => new(value);

    public static implicit operator KernelArgument(long value) => new(value);

    public static implicit operator KernelArgument(ulong value) => new((long)value);

    public static implicit operator KernelArgument(DeviceMemory? memory) => new(memory?.Address ?? 0);
}
