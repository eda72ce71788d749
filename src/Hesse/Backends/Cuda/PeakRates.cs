using Hesse.Backends.Timings;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

/// <summary>Multiply-adds and copies of a device at their best (peak.cu), against which everything else is measured.</summary>
internal static class PeakRates
{
    private const int Threads = 256;
    private const int Chains = 16; // CHAINS of peak.cu
    private const int BlocksOfMultiprocessor = 8;
    private const int Buffers = 4; // more than the second-level cache holds, so that every copy reads memory

    /// <summary>Flops of rounds x chains multiply-adds in every thread that the device holds at once.</summary>
    public static Timing MultiplyAdd(CudaDevice device, Precision precision, TimingSizes sizes)
    {
        KernelModule module = Load(device, precision);
        long threads = (long)device.Properties.Multiprocessors * BlocksOfMultiprocessor * Threads;
        using DeviceArrays results = Allocate(device, threads * sizeof(double));
        using CudaClock clock = new(device);
        return Timing.Measure(
            "multiply-adds from registers",
            precision,
            sizes.Repeats,
            () =>
                clock.Seconds(() =>
                    device.Launch(module, "multiply_add", (threads / Threads, 1), Threads, 0, results[0], sizes.Rounds)
                ),
            flops: 2.0 * threads * Chains * sizes.Rounds
        );
    }

    /// <summary>Bytes read and written by copies among several buffers in turn.</summary>
    public static Timing Copy(CudaDevice device, TimingSizes sizes)
    {
        KernelModule module = Load(device, Precision.Float32);
        long bytes = sizes.CopyBytes;
        using DeviceArrays buffers = Allocate(device, bytes, bytes, bytes, bytes);
        for (int i = 0; i < Buffers; i++)
        {
            device.Clear(buffers[i]);
        }

        using CudaClock clock = new(device);
        int turn = 0;
        return Timing.Measure(
            "copies through memory",
            Precision.Float32,
            sizes.Repeats,
            () =>
                clock.Seconds(() =>
                {
                    device.Launch(
                        module,
                        "copy",
                        ((long)device.Properties.Multiprocessors * BlocksOfMultiprocessor, 1),
                        Threads,
                        0,
                        buffers[turn % Buffers],
                        buffers[(turn + 1) % Buffers],
                        bytes / 16
                    );
                    turn += 2;
                }),
            bytes: 2.0 * bytes
        );
    }

    private static KernelModule Load(CudaDevice device, Precision precision)
    {
        device.MakeCurrent();
        return device.Module(
            new KernelProgram([("REAL", precision == Precision.Float32 ? "float" : "double")], "peak.cu")
        );
    }

    private static DeviceArrays Allocate(CudaDevice device, params ReadOnlySpan<long> sizes) =>
        DeviceArrays.TryAllocate(device, sizes)
        ?? throw new HesseException(
            ExitCode.DoesNotFit,
            $"{device.Properties.Name}: the benchmark needs more device memory than is free"
        );
}
