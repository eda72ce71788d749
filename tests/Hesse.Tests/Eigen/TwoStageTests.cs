using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;

namespace Hesse.Tests.Eigen;

/// <summary>Eigenvalues by way of a band, at orders where they come directly otherwise, against the direct way.</summary>
[Trait("Category", "Numerical")]
public sealed class TwoStageTests
{
    // LAPACK's own threshold for differences over the largest eigenvalue and eps (TESTING/sep.in); both ways are bounded by n.
    private const double RatioThreshold = 60;

    // Around the width of the band, 32, of two panels, of the block of 64 rows, and beyond its 256 columns.
    private static readonly int[] Orders = [0, 1, 2, 3, 17, 31, 32, 33, 34, 63, 64, 65, 66, 96, 97, 130];

    public static TheoryData<string> Types => [.. SymmetricTestMatrices.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Eigenvalues_are_those_of_one_stage(string type)
    {
        foreach (int n in Orders)
        {
            Agree<double>(type, n);
            Agree<float>(type, n);
        }
    }

    [Theory]
    [InlineData(257)]
    [InlineData(289)]
    public void Eigenvalues_are_those_of_one_stage_at_larger_orders(int n)
    {
        foreach (string type in new[] { "random", "similar-clustered", "positive-geometric", "graded" })
        {
            Agree<double>(type, n);
            Agree<float>(type, n);
        }
    }

    [Theory]
    [InlineData(45)]
    [InlineData(161)]
    public void Bits_do_not_depend_on_the_register_width(int n)
    {
        BitsAgree<float>(n);
        BitsAgree<double>(n);
    }

    [Fact]
    public void Bits_are_those_of_every_machine()
    {
        // Recorded with AVX2; a change of the order of any sum shows here, and must then be meant.
        Fingerprint<float>(150).ShouldBe(2835895112780439050UL);
        Fingerprint<double>(150).ShouldBe(8478062462037994413UL);
    }

    [Fact]
    public void The_discrete_laplacian_of_a_square_has_its_known_spectrum()
    {
        // Five-point stencil on 13 x 13 points: a band of 13, eigenvalues 4 - 2 cos(k pi / 14) - 2 cos(l pi / 14), most of them double.
        const int side = 13;
        const int n = side * side;
        double[] a = new double[n * n];
        double[] exact = new double[n];
        for (int i = 0; i < n; i++)
        {
            a[(i * n) + i] = 4;
            if (i % side > 0)
            {
                a[(i * n) + i - 1] = -1;
            }

            if (i >= side)
            {
                a[(i * n) + i - side] = -1;
            }

            double first = Math.Cos(((i / side) + 1) * Math.PI / (side + 1));
            exact[i] = 4 - (2 * first) - (2 * Math.Cos(((i % side) + 1) * Math.PI / (side + 1)));
        }

        Array.Sort(exact);
        double[] values = Values(a, n);
        for (int k = 0; k < n; k++)
        {
            // The norm is 8; n eps is the bound of the method.
            Math.Abs(values[k] - exact[k]).ShouldBeLessThan(8 * n * double.ScaleB(1, -53));
        }
    }

    [Fact]
    public void Diagonal_matrices_keep_their_numbers_exactly()
    {
        const int n = 70;
        double[] diagonal = [.. Enumerable.Range(0, n).Select(i => Math.Pow(-3.7, (i % 17) - 8) * (i - 20))];
        double[] a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            a[(i * n) + i] = diagonal[i];
        }

        Array.Sort(diagonal);
        Values(a, n).ShouldBe(diagonal);
    }

    [Fact]
    public void A_used_workspace_gives_the_bits_of_a_new_one()
    {
        using EigenWorkspace<float> workspace = new(190, vectors: false, twoStageOrder: 0);
        float[] small = Matrix<float>("random", 75);
        float[] values = new float[75];
        SymmetricEigen.Values<float>(Matrix<float>("random", 190), 190, new float[190], workspace).ShouldBeTrue();
        SymmetricEigen.Values<float>(small, 75, values, workspace).ShouldBeTrue();
        values.ShouldBe(Values(small, 75));
    }

    [Fact]
    public void Only_the_lower_triangle_is_read_and_nothing_is_allocated()
    {
        const int n = 143;
        double[] a = Matrix<double>("random", n);
        double[] expected = Values(a, n);
        for (int i = 0; i < n; i++)
        {
            a.AsSpan((i * n) + i + 1, n - i - 1).Fill(double.NaN);
        }

        double[] values = new double[n];
        using EigenWorkspace<double> workspace = new(n, vectors: false, twoStageOrder: 0);
        SymmetricEigen.Values<double>(a, n, values, workspace).ShouldBeTrue();
        values.ShouldBe(expected);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SymmetricEigen.Values<double>(a, n, values, workspace);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Room_for_vectors_changes_no_bit()
    {
        const int n = 71;
        double[] a = Matrix<double>("random", n);
        double[] values = new double[n];
        using EigenWorkspace<double> workspace = new(n, vectors: true, twoStageOrder: 0);
        SymmetricEigen.Values<double>(a, n, values, workspace).ShouldBeTrue();
        values.ShouldBe(Values(a, n));
    }

    [Fact]
    public void Triangles_of_16_MiB_and_more_go_this_way_by_themselves()
    {
        using EigenWorkspace<double> doubles = new(1);
        using EigenWorkspace<float> floats = new(1);
        doubles.TwoStageOrder.ShouldBe(2048);
        floats.TwoStageOrder.ShouldBe(2897);
    }

    private static void Agree<T>(string type, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = Matrix<T>(type, n);
        T[] expected = new T[n];
        using EigenWorkspace<T> workspace = new(n, vectors: false, twoStageOrder: int.MaxValue);
        SymmetricEigen.Values<T>(a, n, expected, workspace).ShouldBeTrue();
        T[] values = Values(a, n);
        double largest = expected.Select(x => Math.Abs(double.CreateChecked(x))).DefaultIfEmpty().Max();
        double unit = SymmetricTestMatrices.Unit<T>();
        double tolerance = Math.Max(RatioThreshold, n) * unit * largest;
        for (int k = 0; k < n; k++)
        {
            double difference = Math.Abs(double.CreateChecked(values[k] - expected[k]));
            difference.ShouldBeLessThanOrEqualTo(tolerance, $"{type}, n = {n}, {typeof(T).Name}, {k}");
        }
    }

    private static void BitsAgree<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = Matrix<T>("random", n);
        T[] narrow = Values<T, Register128<T>>(a, n);
        Values<T, Register256<T>>(a, n).ShouldBe(narrow);
        Values<T, Register512<T>>(a, n).ShouldBe(narrow);
    }

    private static ulong Fingerprint<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        SymmetricTestMatrices.Fingerprint(Values(SymmetricTestMatrices.Integers<T>(n), n));

    private static T[] Values<T>(T[] a, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] values = new T[n];
        using EigenWorkspace<T> workspace = new(n, vectors: false, twoStageOrder: 0);
        SymmetricEigen.Values<T>(a, n, values, workspace).ShouldBeTrue();
        return values;
    }

    private static T[] Values<T, TVector>(T[] a, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TVector : unmanaged, IVector<TVector, T>
    {
        T[] values = new T[n];
        using EigenWorkspace<T> workspace = new(n, vectors: false, twoStageOrder: 0);
        SymmetricEigen.Values<T, TVector>(a, n, values, workspace).ShouldBeTrue();
        return values;
    }

    private static T[] Matrix<T>(string type, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => SymmetricTestMatrices.Create<T>(type, n);
}
