using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Data;

namespace Hesse.Backends.Cuda;

/// <summary>
/// The operations on points in one precision: replicas are shared out over the devices, and on each device taken a batch at a time.
/// Results are written as they come; a failure ends the operation.
/// </summary>
/// <param name="devices">Where.</param>
/// <param name="host">Calls work(item) for items 0 .. items-1 on the processor's threads, one such call at a time.</param>
/// <param name="hostBytes">Memory of the processor for each device, as <see cref="HostSpace"/> counts it.</param>
/// <param name="notice">Is told when memory is short.</param>
internal sealed partial class CudaOperations<T>(
    IReadOnlyList<CudaDevice> devices,
    Action<int, Action<int>> host,
    long hostBytes,
    Action<string> notice
) : ICudaOperations
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Blocks that a launch can have in its second direction.
    private const int MostBlocksDown = 65_535;

    // The samples of the last points: an observation asks for many quantities of the same ones.
    private DeviceSamples<T>? _samples;

    private delegate void Compute(PointsBatch<T> batch, Span<double> results);

    private static int NumberBytes => Unsafe.SizeOf<T>();

    /// <summary>Calls compute for batches of replicas, each with its part of the results, `width` numbers a replica, at most `most` at a time.</summary>
    private unsafe void Each(
        Points points,
        Span<double> results,
        long width,
        Func<int, long[]> sizes,
        Compute compute,
        int most = MostBlocksDown
    )
    {
        if (results.Length != points.Replicas * width)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"room for {results.Length} numbers, {points.Replicas * width} are the result"
            );
        }

        DeviceSamples<T> samples = SamplesOf(points.Data, points);
        fixed (double* begin = results)
        {
            nint address = (nint)begin;
            int parts = Math.Min(devices.Count, points.Replicas);
            Devices.Each(
                parts,
                part =>
                {
                    CudaDevice device = devices[part];
                    device.MakeCurrent();
                    int end = (int)((long)points.Replicas * (part + 1) / parts);
                    for (int first = (int)((long)points.Replicas * part / parts); first < end; )
                    {
                        int left = Math.Min(most, end - first);
                        using PointsBatch<T> batch = new(device, points, samples, first, left, sizes, notice);
                        compute(
                            batch,
                            new Span<double>((double*)address + (first * width), checked((int)(batch.Count * width)))
                        );
                        first += batch.Count;
                    }
                }
            );
        }
    }

    private DeviceSamples<T> SamplesOf(DataSet data, Points points)
    {
        if (!ReferenceEquals(_samples?.Source, data))
        {
            _samples = new DeviceSamples<T>(data, points.Network);
        }

        return _samples!;
    }
}
