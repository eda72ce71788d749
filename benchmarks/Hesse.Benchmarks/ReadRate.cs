using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu;

namespace Hesse.Benchmarks;

/// <summary>
/// How fast one core reads an array of a size again and again, in order: from the cache that it fits, or from memory. In processor time
/// like <see cref="PeakFma"/>, the other side of a roofline.
/// </summary>
internal static class ReadRate
{
    // Bytes read in one measurement: a few milliseconds from a cache, some ten from memory.
    private const long Bytes = 512L << 20;

    /// <summary>GB/s from an array.</summary>
    public static double Measure(AlignedBuffer<float> array)
    {
        long passes = Math.Max(1, Bytes / (array.Length * sizeof(float)));
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (long pass = 0; pass < passes; pass++)
        {
            Sum(array);
        }

        double seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        return passes * array.Length * sizeof(float) / seconds / 1e9;
    }

    // Eight sums: additions in turn would take longer than the reads. Length a multiple of eight registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static unsafe float Sum(AlignedBuffer<float> array)
    {
        float* from = array.Pointer;
        float* end = from + array.Length;
        Vector256<float> a = default,
            b = default,
            c = default,
            d = default,
            e = default,
            f = default,
            g = default,
            h = default;
        for (; from < end; from += 64)
        {
            a += Vector256.Load(from);
            b += Vector256.Load(from + 8);
            c += Vector256.Load(from + 16);
            d += Vector256.Load(from + 24);
            e += Vector256.Load(from + 32);
            f += Vector256.Load(from + 40);
            g += Vector256.Load(from + 48);
            h += Vector256.Load(from + 56);
        }

        return Vector256.Sum(a + b + c + d + (e + f + g + h));
    }
}
