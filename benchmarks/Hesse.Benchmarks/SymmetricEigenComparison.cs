using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;

namespace Hesse.Benchmarks;

/// <summary>
/// A quick look without BenchmarkDotNet: SymmetricEigen and OpenBLAS in turn on the same matrix, medians and their ratio.
/// Interleaving makes the ratio robust on a machine that others use too.
/// </summary>
internal static class SymmetricEigenComparison
{
    /// <summary>Arguments: "values" or "vectors", then orders; default values at 96, 250, 500, 1150, 2770.</summary>
    public static void Run(IReadOnlyList<string> arguments)
    {
        bool vectors = arguments.Contains("vectors", StringComparer.Ordinal);
        int[] orders = ShortWords.Orders(arguments, "values", "vectors");
        if (orders.Length == 0)
        {
            orders = [96, 250, 500, 1150, 2770];
        }

        Console.WriteLine(
            OpenBlas.Available
                ? $"OpenBLAS kernels: {OpenBlas.Kernels}, one thread; {(vectors ? "with vectors" : "eigenvalues only")}"
                : "OpenBLAS is not installed: no ratios"
        );
        Console.WriteLine("      n  type      ours ms  OpenBLAS ms  ratio   GFLOP/s on 4/3 n^3: ours  OpenBLAS");
        foreach (int n in orders)
        {
            Compare<float>(n, vectors);
            Compare<double>(n, vectors);
        }
    }

    /// <summary>
    /// Several matrices at once, a matrix a lane (of large ones in the QL iteration only), against the same matrices one by one here and in
    /// OpenBLAS, in turns.
    /// </summary>
    public static void RunLanes(IReadOnlyList<string> arguments)
    {
        int[] orders = ShortWords.Orders(arguments);
        Console.WriteLine(
            "| n | type | in lanes, ms a matrix | one by one | one by one / lanes | OpenBLAS | OpenBLAS / lanes |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (int n in orders.Length > 0 ? orders : [16, 32, 64, 96, 100, 128, 250, 500, 1150])
        {
            if (Vector512.IsHardwareAccelerated)
            {
                CompareLanes<Register512<float>, float>(n);
                CompareLanes<Register512<double>, double>(n);
            }
            else
            {
                CompareLanes<Register256<float>, float>(n);
                CompareLanes<Register256<double>, double>(n);
            }
        }
    }

    /// <summary>All eigenvalues of as many random matrices as are solved at once.</summary>
    public static unsafe Action SmallInLanes<V, T>(int n)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int size = n * n;
        int count = LaneEigenvalues<V, T>.AtOnce;
        T[] all = [.. Enumerable.Range(1, count).SelectMany(seed => RandomMatrix<T>(n, seed))];
        T[] values = new T[count * n];
        LaneEigenvalues<V, T> solver = new(n);
        return () =>
        {
            fixed (T* begin = all)
            {
                T** matrices = stackalloc T*[V.Count];
                for (int register = 0; register < LaneSweeps.Registers; register++)
                {
                    for (int lane = 0; lane < V.Count; lane++)
                    {
                        matrices[lane] = begin + (((register * V.Count) + lane) * size);
                    }

                    solver.Reduce(register, matrices);
                }
            }

            solver.Solve(LaneSweeps.Registers, values);
        };
    }

    private static unsafe void CompareLanes<V, T>(int n)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int count = LaneEigenvalues<V, T>.AtOnce;
        int size = n * n;
        T[] all = [.. Enumerable.Range(1, count).SelectMany(seed => RandomMatrix<T>(n, seed))];
        T[] values = new T[count * n];
        T[] copy = new T[size];
        (int work, int integers) = OpenBlas.WorkLengths(n, vectors: false);
        T[] workArray = new T[work];
        int[] integerArray = new int[integers];
        using SpectraInLanes<V, T> large = new(n);
        using EigenWorkspace<T> workspace = new(n);
        Memory<T> Matrix(int k) => all.AsMemory(k * size, size);
        void InLanes()
        {
            for (int k = 0; k < count; k++)
            {
                large.Reduce(k, Matrix(k).Span, workspace);
            }

            large.Solve(count, workspace.SweepsPerEigenvalue, values);
        }

        double[] seconds = InTurns(
            n <= DenseOperations.LargestLaneOrder ? SmallInLanes<V, T>(n) : InLanes,
            () =>
            {
                for (int k = 0; k < count; k++)
                {
                    SymmetricEigen.Values<T>(Matrix(k).Span, n, values, workspace);
                }
            },
            () =>
            {
                for (int k = 0; k < count && OpenBlas.Available; k++)
                {
                    Matrix(k).Span.CopyTo(copy);
                    OpenBlas.Eigen(copy, n, values, vectors: false, workArray, integerArray);
                }
            }
        );
        double[] each = [.. seconds.Select(one => one * 1e3 / count)];
        Console.WriteLine(
            $"| {n} | {typeof(T).Name} | {each[0]:F4} | {each[1]:F4} | {each[1] / each[0]:F2} | {each[2]:F4} | {each[2] / each[0]:F1} |"
        );
    }

    // Medians of processor time, in turns; each turn is long enough to be told from the clock's grain.
    private static double[] InTurns(params Action[] works)
    {
        const int Turns = 15;
        const double WarmUp = 0.7;
        const double Turn = 0.01;
        int[] times = new int[works.Length];
        for (int i = 0; i < works.Length; i++)
        {
            TimeSpan begun = Environment.CpuUsage.TotalTime;
            double used = 0;
            for (; used < WarmUp; used = (Environment.CpuUsage.TotalTime - begun).TotalSeconds)
            {
                works[i]();
                times[i]++;
            }

            times[i] = Math.Max(1, (int)(Turn / used * times[i]));
        }

        List<double>[] seconds = [.. works.Select(_ => new List<double>())];
        for (int turn = 0; turn < Turns * works.Length; turn++)
        {
            int i = turn % works.Length;
            TimeSpan start = Environment.CpuUsage.TotalTime;
            for (int k = 0; k < times[i]; k++)
            {
                works[i]();
            }

            seconds[i].Add((Environment.CpuUsage.TotalTime - start).TotalSeconds / times[i]);
        }

        return [.. seconds.Select(Median)];
    }

    /// <summary>A random symmetric matrix (n, n), elements in [-1, 1).</summary>
    public static T[] RandomMatrix<T>(int n, int seed = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new(n + (1000 * seed));
        T[] a = new T[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                a[(i * n) + j] = a[(j * n) + i] = T.CreateChecked((2 * random.NextDouble()) - 1);
            }
        }

        return a;
    }

    private static void Compare<T>(int n, bool vectors)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = RandomMatrix<T>(n);
        T[] copy = new T[a.Length];
        T[] values = new T[n];
        T[] peerValues = new T[n];
        T[] eigenvectors = new T[vectors ? a.Length : 0];
        (int work, int integers) = OpenBlas.WorkLengths(n, vectors);
        T[] workArray = new T[work];
        int[] integerArray = new int[integers];
        using EigenWorkspace<T> workspace = new(n, vectors);
        int rounds = Math.Clamp((int)(2e9 / Math.Pow(n, 2.5)), 7, 301);
        // The first rounds are for the just-in-time compiler, which needs some time too, and are not counted.
        long warmUpStart = Stopwatch.GetTimestamp();
        List<double> ours = [];
        List<double> peer = [];
        for (int round = 0; ours.Count < rounds; round++)
        {
            bool counts = round >= 2 && Stopwatch.GetElapsedTime(warmUpStart).TotalSeconds > 1;
            long start = Stopwatch.GetTimestamp();
            bool converged = vectors
                ? SymmetricEigen.ValuesAndVectors<T>(a, n, values, eigenvectors, workspace)
                : SymmetricEigen.Values<T>(a, n, values, workspace);
            double ourTime = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            double peerTime = double.NaN;
            if (OpenBlas.Available)
            {
                a.CopyTo(copy, 0);
                start = Stopwatch.GetTimestamp();
                OpenBlas.Eigen(copy, n, peerValues, vectors, workArray, integerArray);
                peerTime = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            if (!converged)
            {
                throw new InvalidOperationException("the QL iteration did not converge");
            }

            if (counts)
            {
                ours.Add(ourTime);
                peer.Add(peerTime);
            }
        }

        double ourMedian = Median(ours);
        double peerMedian = Median(peer);
        double work43 = 4.0 / 3 * Math.Pow(n, 3) / 1e6;
        Console.WriteLine(
            $"{n, 7}  {typeof(T).Name, -6} {ourMedian, 10:F3} {peerMedian, 12:F3} {ourMedian / peerMedian, 6:F2}"
                + $" {work43 / ourMedian, 30:F1} {work43 / peerMedian, 9:F1}"
        );
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
