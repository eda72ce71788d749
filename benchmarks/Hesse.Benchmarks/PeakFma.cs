using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Benchmarks;

/// <summary>
/// Peak of one core, measured: twelve independent chains of fused multiply-adds in registers. Shares of peak are quoted
/// against a peak of the same run, because clocks change, and in processor
/// time, so that neighbours do not enter.
/// </summary>
internal static class PeakFma
{
    private const int Chains = 12;
    private const int Iterations = 400_000;

    /// <summary>GFLOP/s of the widest register that the machine has; a multiply-add counts as two.</summary>
    public static double Measure<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Rate<Register512<T>, T>();
        }

        return Vector256.IsHardwareAccelerated ? Rate<Register256<T>, T>() : Rate<Register128<T>, T>();
    }

    private static double Rate<TVector, T>()
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        Run<TVector, T>(Iterations);
        double seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        return 2.0 * Chains * TVector.Count * Iterations / seconds / 1e9;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe T Run<TVector, T>(int iterations)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // x -> x / 2 + 1 converges to 2: no overflow, no denormals.
        TVector half = TVector.Broadcast(T.CreateChecked(0.5));
        TVector one = TVector.Broadcast(T.One);
        TVector x0 = one,
            x1 = half,
            x2 = one,
            x3 = half,
            x4 = one,
            x5 = half;
        TVector x6 = one,
            x7 = half,
            x8 = one,
            x9 = half,
            x10 = one,
            x11 = half;
        for (int i = 0; i < iterations; i++)
        {
            x0 = TVector.FusedMultiplyAdd(x0, half, one);
            x1 = TVector.FusedMultiplyAdd(x1, half, one);
            x2 = TVector.FusedMultiplyAdd(x2, half, one);
            x3 = TVector.FusedMultiplyAdd(x3, half, one);
            x4 = TVector.FusedMultiplyAdd(x4, half, one);
            x5 = TVector.FusedMultiplyAdd(x5, half, one);
            x6 = TVector.FusedMultiplyAdd(x6, half, one);
            x7 = TVector.FusedMultiplyAdd(x7, half, one);
            x8 = TVector.FusedMultiplyAdd(x8, half, one);
            x9 = TVector.FusedMultiplyAdd(x9, half, one);
            x10 = TVector.FusedMultiplyAdd(x10, half, one);
            x11 = TVector.FusedMultiplyAdd(x11, half, one);
        }

        TVector sum = TVector.Add(
            TVector.Add(TVector.Add(x0, x1), TVector.Add(x2, x3)),
            TVector.Add(
                TVector.Add(TVector.Add(x4, x5), TVector.Add(x6, x7)),
                TVector.Add(TVector.Add(x8, x9), TVector.Add(x10, x11))
            )
        );
        return *(T*)&sum;
    }
}
