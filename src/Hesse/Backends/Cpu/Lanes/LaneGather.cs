using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// Puts one row of samples a lane side by side: destination[j][lane] = row_lane[j]. Moves numbers and computes none, so the
/// blocked form below cannot change a bit; it exists because every sample of every step passes through here, in both layouts.
/// </summary>
internal static unsafe class LaneGather
{
    /// <summary>Transposes lanes rows of d numbers.</summary>
    /// <param name="rows">(lanes) where each lane's row begins.</param>
    /// <param name="lanes">Number of rows.</param>
    /// <param name="dimension">d</param>
    /// <param name="destination">(d, lanes)</param>
    /// <param name="stride">Elements from one j of the destination to the next.</param>
    public static void Rows<T>(T** rows, int lanes, int dimension, T* destination, nint stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float) && Avx.IsSupported && lanes % 8 == 0 && dimension >= 4)
        {
            // The last four numbers move twice where d is no multiple of four: cheaper than one by one.
            for (int j = 0; j < dimension; j += 4)
            {
                int at = Math.Min(j, dimension - 4);
                for (int lane = 0; lane < lanes; lane += 8)
                {
                    Transpose((float**)rows + lane, at, (float*)destination + (at * stride) + lane, stride);
                }
            }
        }
        else if (typeof(T) == typeof(double) && Avx.IsSupported && lanes % 4 == 0 && dimension >= 4)
        {
            for (int j = 0; j < dimension; j += 4)
            {
                int at = Math.Min(j, dimension - 4);
                for (int lane = 0; lane < lanes; lane += 4)
                {
                    Transpose((double**)rows + lane, at, (double*)destination + (at * stride) + lane, stride);
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

    // 8 rows x 4 columns: rows i and i + 4 share a register from the start, so that no half crosses over later.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(float** rows, int at, float* destination, nint stride)
    {
        Vector256<float> r0 = Vector256.Create(Vector128.Load(rows[0] + at), Vector128.Load(rows[4] + at));
        Vector256<float> r1 = Vector256.Create(Vector128.Load(rows[1] + at), Vector128.Load(rows[5] + at));
        Vector256<float> r2 = Vector256.Create(Vector128.Load(rows[2] + at), Vector128.Load(rows[6] + at));
        Vector256<float> r3 = Vector256.Create(Vector128.Load(rows[3] + at), Vector128.Load(rows[7] + at));
        Vector256<float> p0 = Avx.UnpackLow(r0, r1);
        Vector256<float> p1 = Avx.UnpackHigh(r0, r1);
        Vector256<float> p2 = Avx.UnpackLow(r2, r3);
        Vector256<float> p3 = Avx.UnpackHigh(r2, r3);
        Avx.Shuffle(p0, p2, 0x44).Store(destination);
        Avx.Shuffle(p0, p2, 0xEE).Store(destination + stride);
        Avx.Shuffle(p1, p3, 0x44).Store(destination + (2 * stride));
        Avx.Shuffle(p1, p3, 0xEE).Store(destination + (3 * stride));
    }

    // 4 x 4: pairs, halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(double** rows, int at, double* destination, nint stride)
    {
        Vector256<double> r0 = Vector256.Load(rows[0] + at);
        Vector256<double> r1 = Vector256.Load(rows[1] + at);
        Vector256<double> r2 = Vector256.Load(rows[2] + at);
        Vector256<double> r3 = Vector256.Load(rows[3] + at);
        Vector256<double> p0 = Avx.UnpackLow(r0, r1);
        Vector256<double> p1 = Avx.UnpackHigh(r0, r1);
        Vector256<double> p2 = Avx.UnpackLow(r2, r3);
        Vector256<double> p3 = Avx.UnpackHigh(r2, r3);
        Avx.Permute2x128(p0, p2, 0x20).Store(destination);
        Avx.Permute2x128(p1, p3, 0x20).Store(destination + stride);
        Avx.Permute2x128(p0, p2, 0x31).Store(destination + (2 * stride));
        Avx.Permute2x128(p1, p3, 0x31).Store(destination + (3 * stride));
    }
}
