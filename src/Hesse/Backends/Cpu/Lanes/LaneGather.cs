using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// Puts one row of samples a lane side by side: destination[j][lane] = row_lane[j]. Moves numbers and computes none, so the
/// blocked form below cannot change a bit; it exists because every sample of every step passes through here, in both layouts.
/// </summary>
internal static unsafe class LaneGather
{
    // Columns at a time.
    private const int Strip = 64;

    /// <summary>Transposes lanes rows of d numbers.</summary>
    /// <param name="rows">(lanes) where each lane's row begins.</param>
    /// <param name="lanes">Number of rows.</param>
    /// <param name="dimension">d</param>
    /// <param name="destination">(d, lanes)</param>
    /// <param name="stride">Elements from one j of the destination to the next.</param>
    public static void Rows<T>(T** rows, int lanes, int dimension, T* destination, nint stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool floats = typeof(T) == typeof(float) && lanes % 8 == 0;
        bool doubles = typeof(T) == typeof(double) && lanes % 4 == 0;
        if (Avx.IsSupported && (floats || doubles) && dimension >= 4)
        {
            // In strips, so that lanes that share a cache line of the destination meet it while it is near.
            for (int from = 0; from < dimension; from += Strip)
            {
                int end = Math.Min(from + Strip, dimension);
                for (int lane = 0; lane < lanes; lane += floats ? 8 : 4)
                {
                    if (floats)
                    {
                        Eight((float**)rows + lane, from, end, (float*)destination + lane, stride);
                    }
                    else
                    {
                        Four((double**)rows + lane, from, end, (double*)destination + lane, stride);
                    }
                }
            }
        }
        else
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                T* row = rows[lane];
                for (int j = 0; j < dimension; j++)
                {
                    destination[(j * stride) + lane] = row[j];
                }
            }
        }
    }

    // 8 rows, 4 columns at a time; the last four move twice where d is no multiple of four, which is cheaper than one by one. Rows i and
    // i + 4 share a register from the start, so that no half crosses over later. The eight pointers are locals: they stay in registers.
    private static void Eight(float** rows, int from, int end, float* destination, nint stride)
    {
        float* row0 = rows[0];
        float* row1 = rows[1];
        float* row2 = rows[2];
        float* row3 = rows[3];
        float* row4 = rows[4];
        float* row5 = rows[5];
        float* row6 = rows[6];
        float* row7 = rows[7];
        nint last = end - 4;
        for (nint at = Math.Min(from, last); ; at = Math.Min(at + 4, last))
        {
            Vector256<float> r0 = Vector256.Create(Vector128.Load(row0 + at), Vector128.Load(row4 + at));
            Vector256<float> r1 = Vector256.Create(Vector128.Load(row1 + at), Vector128.Load(row5 + at));
            Vector256<float> r2 = Vector256.Create(Vector128.Load(row2 + at), Vector128.Load(row6 + at));
            Vector256<float> r3 = Vector256.Create(Vector128.Load(row3 + at), Vector128.Load(row7 + at));
            Vector256<float> p0 = Avx.UnpackLow(r0, r1);
            Vector256<float> p1 = Avx.UnpackHigh(r0, r1);
            Vector256<float> p2 = Avx.UnpackLow(r2, r3);
            Vector256<float> p3 = Avx.UnpackHigh(r2, r3);
            float* to = destination + (at * stride);
            Avx.Shuffle(p0, p2, 0x44).Store(to);
            Avx.Shuffle(p0, p2, 0xEE).Store(to + stride);
            Avx.Shuffle(p1, p3, 0x44).Store(to + (2 * stride));
            Avx.Shuffle(p1, p3, 0xEE).Store(to + (3 * stride));
            if (at == last)
            {
                return;
            }
        }
    }

    // 4 rows, 4 columns at a time: pairs, halves.
    private static void Four(double** rows, int from, int end, double* destination, nint stride)
    {
        double* row0 = rows[0];
        double* row1 = rows[1];
        double* row2 = rows[2];
        double* row3 = rows[3];
        nint last = end - 4;
        for (nint at = Math.Min(from, last); ; at = Math.Min(at + 4, last))
        {
            Vector256<double> r0 = Vector256.Load(row0 + at);
            Vector256<double> r1 = Vector256.Load(row1 + at);
            Vector256<double> r2 = Vector256.Load(row2 + at);
            Vector256<double> r3 = Vector256.Load(row3 + at);
            Vector256<double> p0 = Avx.UnpackLow(r0, r1);
            Vector256<double> p1 = Avx.UnpackHigh(r0, r1);
            Vector256<double> p2 = Avx.UnpackLow(r2, r3);
            Vector256<double> p3 = Avx.UnpackHigh(r2, r3);
            double* to = destination + (at * stride);
            Avx.Permute2x128(p0, p2, 0x20).Store(to);
            Avx.Permute2x128(p1, p3, 0x20).Store(to + stride);
            Avx.Permute2x128(p0, p2, 0x31).Store(to + (2 * stride));
            Avx.Permute2x128(p1, p3, 0x31).Store(to + (3 * stride));
            if (at == last)
            {
                return;
            }
        }
    }
}
