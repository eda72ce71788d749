using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// Puts one row of samples a lane side by side: destination[j][lane] = row_lane[j]. Moves numbers and computes none, so the
/// blocked form below cannot change a bit; it exists because every sample of every step passes through here.
/// </summary>
internal static unsafe class LaneGather
{
    /// <summary>Transposes lanes rows of d numbers.</summary>
    /// <param name="rows">(lanes) where each lane's row begins.</param>
    /// <param name="lanes">Registers' width in elements.</param>
    /// <param name="dimension">d</param>
    /// <param name="destination">(d, lanes)</param>
    public static void Rows<T>(T** rows, int lanes, int dimension, T* destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int done = 0;
        if (typeof(T) == typeof(float) && Avx.IsSupported && lanes % 8 == 0)
        {
            for (; done + 8 <= dimension; done += 8)
            {
                for (int lane = 0; lane < lanes; lane += 8)
                {
                    Transpose((float**)rows + lane, done, (float*)destination + (done * lanes) + lane, lanes);
                }
            }
        }
        else if (typeof(T) == typeof(double) && Avx.IsSupported && lanes % 4 == 0)
        {
            for (; done + 4 <= dimension; done += 4)
            {
                for (int lane = 0; lane < lanes; lane += 4)
                {
                    Transpose((double**)rows + lane, done, (double*)destination + (done * lanes) + lane, lanes);
                }
            }
        }

        for (int lane = 0; lane < lanes; lane++)
        {
            T* row = rows[lane];
            for (int j = done; j < dimension; j++)
            {
                destination[(j * lanes) + lane] = row[j];
            }
        }
    }

    // 8 x 8: pairs, quadruples, halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(float** rows, int at, float* destination, int stride)
    {
        Vector256<float> r0 = Vector256.Load(rows[0] + at);
        Vector256<float> r1 = Vector256.Load(rows[1] + at);
        Vector256<float> r2 = Vector256.Load(rows[2] + at);
        Vector256<float> r3 = Vector256.Load(rows[3] + at);
        Vector256<float> r4 = Vector256.Load(rows[4] + at);
        Vector256<float> r5 = Vector256.Load(rows[5] + at);
        Vector256<float> r6 = Vector256.Load(rows[6] + at);
        Vector256<float> r7 = Vector256.Load(rows[7] + at);
        Vector256<float> p0 = Avx.UnpackLow(r0, r1);
        Vector256<float> p1 = Avx.UnpackHigh(r0, r1);
        Vector256<float> p2 = Avx.UnpackLow(r2, r3);
        Vector256<float> p3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> p4 = Avx.UnpackLow(r4, r5);
        Vector256<float> p5 = Avx.UnpackHigh(r4, r5);
        Vector256<float> p6 = Avx.UnpackLow(r6, r7);
        Vector256<float> p7 = Avx.UnpackHigh(r6, r7);
        Vector256<float> q0 = Avx.Shuffle(p0, p2, 0x44);
        Vector256<float> q1 = Avx.Shuffle(p0, p2, 0xEE);
        Vector256<float> q2 = Avx.Shuffle(p1, p3, 0x44);
        Vector256<float> q3 = Avx.Shuffle(p1, p3, 0xEE);
        Vector256<float> q4 = Avx.Shuffle(p4, p6, 0x44);
        Vector256<float> q5 = Avx.Shuffle(p4, p6, 0xEE);
        Vector256<float> q6 = Avx.Shuffle(p5, p7, 0x44);
        Vector256<float> q7 = Avx.Shuffle(p5, p7, 0xEE);
        Avx.Permute2x128(q0, q4, 0x20).Store(destination);
        Avx.Permute2x128(q1, q5, 0x20).Store(destination + stride);
        Avx.Permute2x128(q2, q6, 0x20).Store(destination + (2 * stride));
        Avx.Permute2x128(q3, q7, 0x20).Store(destination + (3 * stride));
        Avx.Permute2x128(q0, q4, 0x31).Store(destination + (4 * stride));
        Avx.Permute2x128(q1, q5, 0x31).Store(destination + (5 * stride));
        Avx.Permute2x128(q2, q6, 0x31).Store(destination + (6 * stride));
        Avx.Permute2x128(q3, q7, 0x31).Store(destination + (7 * stride));
    }

    // 4 x 4: pairs, halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(double** rows, int at, double* destination, int stride)
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
