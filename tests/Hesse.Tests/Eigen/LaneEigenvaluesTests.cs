using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;

namespace Hesse.Tests.Eigen;

/// <summary>Several small matrices at once: as accurate as one alone, and with bits that no neighbour changes.</summary>
[Trait("Category", "Numerical")]
public sealed unsafe class LaneEigenvaluesTests
{
    // Error over n * eps * largest |eigenvalue|: rounding of the reduction grows with the root of n, so that 1 is generous at large n
    // and 4 leaves room at n = 2.
    private const double ErrorBound = 4;

    private static readonly int[] Orders = [1, 2, 3, 5, 16, 17, 33, 96, 128];

    public static TheoryData<string> Types => [.. SymmetricTestMatrices.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Eigenvalues_are_those_of_a_matrix_alone(string type)
    {
        foreach (int n in Orders)
        {
            Check<Register256<double>, double>(type, n);
            Check<Register256<float>, float>(type, n);
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(100)]
    public void The_second_difference_has_its_closed_form(int n)
    {
        double[] a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            a[(i * n) + i] = 2;
            a[(i * n) + Math.Max(0, i - 1)] -= i > 0 ? 1 : 0;
        }

        double[] values = Values<Register256<double>, double>(n, a);
        for (int k = 0; k < n; k++)
        {
            double expected = 2 - (2 * Math.Cos((k + 1) * Math.PI / (n + 1)));
            values[k].ShouldBe(expected, 4 * n * Math.BitIncrement(1.0) * 1.2e-16 * ErrorBound);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(97)]
    public void Bits_depend_neither_on_the_register_nor_on_the_neighbours(int n)
    {
        float[][] single =
        [
            .. Enumerable
                .Range(0, 16)
                .Select(k => SymmetricTestMatrices.Create<float>(SymmetricTestMatrices.Types[k], n)),
        ];
        float[] all = Values<Register512<float>, float>(n, single);
        for (int k = 0; k < 16; k++)
        {
            float[] expected = all[(k * n)..((k + 1) * n)];
            Values<Register128<float>, float>(n, single[k])[..n].ShouldBe(expected);
            Values<Register256<float>, float>(n, single[3], single[k])[n..(2 * n)].ShouldBe(expected);
        }

        Values<Register256<float>, float>(n, single).ShouldBe(all);

        double[][] pair =
        [
            SymmetricTestMatrices.Create<double>("random", n),
            SymmetricTestMatrices.Create<double>("positive-geometric", n),
        ];
        double[] wide = Values<Register512<double>, double>(n, pair);
        Values<Register128<double>, double>(n, pair).ShouldBe(wide[..(2 * n)]);
        Values<Register128<double>, double>(n, [.. pair, pair[0]])[(2 * n)..(3 * n)].ShouldBe(wide[..n]);
        Values<Register256<double>, double>(n, pair[1])[..n].ShouldBe(wide[n..(2 * n)]);
    }

    [Fact]
    public void Bits_are_those_of_every_machine()
    {
        // Recorded with AVX2; the same without intrinsics. A change of the order of any sum shows here, and must then be meant.
        (Fingerprint<Register256<float>, float>(75), Fingerprint<Register256<double>, double>(75)).ShouldBe(
            (11260950963089499031UL, 17710263976851928423UL)
        );
    }

    [Fact]
    public void A_diverged_neighbour_is_all_NaN_and_harms_nobody()
    {
        const int n = 20;
        double[] good = SymmetricTestMatrices.Create<double>("random", n);
        double[] diverged = SymmetricTestMatrices.Create<double>("random", n);
        diverged[(7 * n) + 3] = double.NaN;
        double[] infinite = SymmetricTestMatrices.Create<double>("random", n);
        infinite[(19 * n) + 19] = double.NegativeInfinity;
        double[] values = Values<Register256<double>, double>(n, diverged, good, infinite);
        values[..n].ShouldAllBe(x => double.IsNaN(x));
        values[n..(2 * n)].ShouldBe(Values<Register256<double>, double>(n, good)[..n]);
        values[(2 * n)..(3 * n)].ShouldAllBe(x => double.IsNaN(x));
    }

    private static void Check<V, T>(string type, int n)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] matrix = SymmetricTestMatrices.Create<T>(type, n);
        T[] random = SymmetricTestMatrices.Create<T>("random", n);
        T[] values = Values<V, T>(n, matrix, random);
        double[] expected = new double[n];
        double[] wide = [.. matrix.Select(double.CreateChecked)];
        using EigenWorkspace<double> workspace = new(n);
        SymmetricEigen.Values<double>(wide, n, expected, workspace).ShouldBeTrue();
        double largest = Math.Max(Math.Abs(expected[0]), Math.Abs(expected[^1]));
        double bound = ErrorBound * (n + 1) * double.CreateChecked(Precision<T>.Epsilon) * largest;
        for (int i = 0; i < n; i++)
        {
            double value = double.CreateChecked(values[i]);
            Math.Abs(value - expected[i]).ShouldBeLessThanOrEqualTo(bound, $"{type} {n}: eigenvalue {i}");
        }
    }

    private static ulong Fingerprint<V, T>(int n)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = new T[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                a[(i * n) + j] = T.CreateChecked((((i * 7919) + (j * 104729) + (i * j * 31)) % 2048) - 1024);
            }
        }

        ulong hash = 14695981039346656037;
        foreach (T value in Values<V, T>(n, a).AsSpan(0, n))
        {
            hash = (hash ^ (ulong)BitConverter.DoubleToInt64Bits(double.CreateChecked(value))) * 1099511628211;
        }

        return hash;
    }

    // Matrices that are not given repeat the last one.
    private static T[] Values<V, T>(int n, params T[][] matrices)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using LaneEigenvalues<V, T> solver = new(n);
        int registers = matrices.Length > V.Count ? LaneSweeps.Registers : 1;
        int count = registers * V.Count;
        T[] values = new T[count * n];
        T[] all = [.. Enumerable.Range(0, count).SelectMany(k => matrices[Math.Min(k, matrices.Length - 1)])];
        fixed (T* begin = all)
        {
            T** lanes = stackalloc T*[V.Count];
            for (int register = 0; register < registers; register++)
            {
                for (int lane = 0; lane < V.Count; lane++)
                {
                    lanes[lane] = begin + (((register * V.Count) + lane) * n * n);
                }

                solver.Reduce(register, lanes);
            }
        }

        solver.Solve(registers, values).ShouldBeTrue();
        return values;
    }
}
