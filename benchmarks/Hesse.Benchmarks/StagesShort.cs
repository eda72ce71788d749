using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;

namespace Hesse.Benchmarks;

/// <summary>
/// Eigenvalues of one matrix in one stage and by way of a band, in turns, with the time of every part, while each core of the machine
/// does the same on a matrix of its own: as a run does, and as it competes for the third-level cache and for memory.
/// </summary>
internal static class StagesShort
{
    private const int Turns = 5;
    private const double FlopsOfBand = 6;

    /// <summary>Orders; default 1150, 1536, 2048, 2770.</summary>
    public static void Run(IReadOnlyList<string> arguments)
    {
        int[] orders = ShortWords.Orders(arguments);
        Console.WriteLine(
            $"{Environment.ProcessorCount} matrices at once; ms of the clock, medians; shares of the peak are of 4/3 n^3 and 6 b n^2 operations"
        );
        Console.WriteLine("| n | type | one stage | two stages | ratio | to band | share | bulges | share | QL |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (int n in orders.Length > 0 ? orders : [1150, 1536, 2048, 2770])
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Compare<Register512<float>, float>(n);
                Compare<Register512<double>, double>(n);
            }
            else
            {
                Compare<Register256<float>, float>(n);
                Compare<Register256<double>, double>(n);
            }
        }
    }

    private static void Compare<V, T>(int n)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int cores = Environment.ProcessorCount;
        double[][] all = new double[cores][];
        using Barrier together = new(cores);
        Thread[] threads =
        [
            .. Enumerable.Range(0, cores).Select(core => new Thread(() => all[core] = Measure<V, T>(n, together))),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        double[] ms = all[0];
        double peak = Enumerable.Range(0, 3 * Turns).Select(_ => PeakFma.Measure<T>()).Order().ElementAt(3 * Turns / 2);
        double cube = 4.0 / 3 * n * (double)n * n / 1e6;
        double square = FlopsOfBand * BandWorkspace<T>.Width * n * (double)n / 1e6;
        Console.WriteLine(
            $"| {n} | {typeof(T).Name} | {ms[0]:F1} | {ms[1]:F1} | {ms[0] / ms[1]:F2} | {ms[2]:F1} | {cube / ms[2] / peak:F2} | {ms[3]:F1} | {square / ms[3] / peak:F2} | {ms[4]:F1} |"
        );
    }

    // Medians in milliseconds: one stage, two stages, and of these the reduction to a band, the second stage, the QL iteration.
    private static unsafe double[] Measure<V, T>(int n, Barrier together)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = SymmetricEigenComparison.RandomMatrix<T>(n);
        T[] values = new T[n];
        using EigenWorkspace<T> one = new(n, vectors: false, twoStageOrder: int.MaxValue);
        using EigenWorkspace<T> two = new(n, vectors: false, twoStageOrder: 0);
        List<double>[] times = [.. Enumerable.Range(0, 5).Select(_ => new List<double>())];
        for (int turn = -1; turn < Turns; turn++)
        {
            double[] ms =
            [
                Time(together, () => SymmetricEigen.Values<T>(a, n, values, one)),
                Time(together, () => SymmetricEigen.Values<T>(a, n, values, two)),
                Time(
                    together,
                    () => BandReduction<T, V>.Reduce(n, two),
                    before: () => SymmetricEigen.Load<T, V>(a, n, two, out _)
                ),
                Time(together, () => BulgeChasing<T, V>.Reduce(n, two)),
                Time(together, () => TridiagonalValues<T>.Iterate(two.Diagonal, two.OffDiagonal, n, 30L * n)),
            ];
            for (int i = 0; i < ms.Length && turn >= 0; i++)
            {
                times[i].Add(ms[i]);
            }
        }

        return [.. times.Select(list => list.Order().ElementAt(Turns / 2))];
    }

    private static double Time(Barrier together, Action work, Action? before = null)
    {
        before?.Invoke();
        together.SignalAndWait();
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
