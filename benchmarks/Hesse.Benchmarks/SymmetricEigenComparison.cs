using System.Diagnostics;
using System.Numerics;
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
        int[] orders = [.. arguments.Where(a => int.TryParse(a, out _)).Select(int.Parse)];
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

    /// <summary>A random symmetric matrix (n, n), elements in [-1, 1).</summary>
    public static T[] RandomMatrix<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new(n);
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
