using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;

namespace Hesse.Tests.Eigen;

[Trait("Category", "Numerical")]
public sealed class SymmetricEigenTests
{
    // LAPACK's own threshold for its test ratios (TESTING/sep.in); sound solvers stay below about 1 to 10.
    private const double RatioThreshold = 60;

    private static readonly int[] SmallOrders = [0, 1, 2, 3, 5, 16, 17, 20, 33];

    public static TheoryData<string> Types => [.. SymmetricTestMatrices.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Lapack_ratios_hold_in_double(string type) => LapackRatiosHold<double>(type);

    [Theory]
    [MemberData(nameof(Types))]
    public void Lapack_ratios_hold_in_float(string type) => LapackRatiosHold<float>(type);

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(127)]
    [InlineData(257)]
    public void Lapack_ratios_hold_at_larger_orders(int n)
    {
        string[] types = n > 200 ? ["random"] : ["random", "similar-clustered", "positive-geometric"];
        foreach (string type in types)
        {
            CheckRatios<double>(type, n);
            CheckRatios<float>(type, n);
        }
    }

    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    public void Bits_do_not_depend_on_the_register_width(int n)
    {
        BitsAgree<float>(n);
        BitsAgree<double>(n);
    }

    [Fact]
    public void Bits_are_those_of_every_machine()
    {
        // Recorded with AVX2; the same with AVX-512, 128-bit registers and without intrinsics. A change of the order of any sum
        // shows here, and must then be meant.
        Fingerprint<float>(75).ShouldBe(90902049709021053UL);
        Fingerprint<double>(75).ShouldBe(5137314890920745571UL);
    }

    [Fact]
    public void Giving_up_is_reported()
    {
        const int n = 12;
        double[] values = new double[n];
        double[] vectors = new double[n * n];
        using EigenWorkspace<double> workspace = new(n, vectors: true) { SweepsPerEigenvalue = 0 };
        double[] a = Matrix<double>("random", n);
        SymmetricEigen.Values<double>(a, n, values, workspace).ShouldBeFalse();
        values.ShouldAllBe(x => double.IsNaN(x));
        SymmetricEigen.ValuesAndVectors<double>(a, n, values, vectors, workspace).ShouldBeFalse();
        vectors.ShouldAllBe(x => double.IsNaN(x));
    }

    [Fact]
    public void Trace_and_frobenius_norm_are_those_of_the_eigenvalues()
    {
        const int n = 97;
        double[] a = Matrix<double>("random", n);
        double[] values = Values(a, n);
        double trace = 0;
        for (int i = 0; i < n; i++)
        {
            trace += a[(i * n) + i];
        }

        // Both are sums of n terms of size up to the norm, each with an error of a few eps.
        double norm = Math.Sqrt(a.Sum(x => x * x));
        double tolerance = 60 * n * Unit<double>();
        Math.Abs(values.Sum() - trace).ShouldBeLessThan(tolerance * norm);
        Math.Abs(values.Sum(x => x * x) - (norm * norm)).ShouldBeLessThan(tolerance * norm * norm);
    }

    [Fact]
    public void The_discrete_laplacian_has_its_known_spectrum()
    {
        const int n = 50;
        double[] a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            a[(i * n) + i] = 2;
            if (i > 0)
            {
                a[(i * n) + i - 1] = -1;
            }
        }

        double[] values = Values(a, n);
        for (int k = 0; k < n; k++)
        {
            double exact = 2 - (2 * Math.Cos((k + 1) * Math.PI / (n + 1)));
            // The norm is 4; n eps is the bound of the method.
            Math.Abs(values[k] - exact).ShouldBeLessThan(4 * n * Unit<double>());
        }
    }

    [Fact]
    public void Two_by_two_matrices_have_their_closed_form()
    {
        Values([2.0, 0, 1, 2], 2).ShouldBe([1.0, 3.0], 4 * Unit<double>());
        Values([1.0, 0, 2, 1], 2).ShouldBe([-1.0, 3.0], 4 * Unit<double>());
        Values([0.0, 0, 1, 0], 2).ShouldBe([-1.0, 1.0], 4 * Unit<double>());
        Values([3.0, 0, 0, -5], 2).ShouldBe([-5.0, 3.0]);
    }

    [Fact]
    public void A_matrix_of_rank_one_has_one_eigenvalue()
    {
        const int n = 60;
        double[] a = new double[n * n];
        double square = 0;
        for (int i = 0; i < n; i++)
        {
            square += (i + 1.0) * (i + 1.0);
            for (int j = 0; j <= i; j++)
            {
                a[(i * n) + j] = (i + 1.0) * (j + 1.0);
            }
        }

        double[] values = Values(a, n);
        double tolerance = n * Unit<double>() * square;
        Math.Abs(values[^1] - square).ShouldBeLessThan(tolerance);
        values[..^1].ShouldAllBe(x => Math.Abs(x) < tolerance);
    }

    [Fact]
    public void Diagonal_matrices_keep_their_numbers_exactly()
    {
        const int n = 40;
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
    public void Powers_of_two_scale_the_eigenvalues_exactly()
    {
        const int n = 37;
        float[] a = Matrix<float>("random", n);
        float[] scaled = [.. a.Select(x => x * 1.2676506e30f)];
        float[] expected = [.. Values(a, n).Select(x => x * 1.2676506e30f)];
        Values(scaled, n).ShouldBe(expected);
    }

    [Theory]
    [InlineData(1e-320)]
    [InlineData(1e-300)]
    [InlineData(1e300)]
    public void The_whole_range_of_the_format_is_usable(double size)
    {
        double[] values = Values([0, 0, 0, size, 0, 0, 0, size, 0], 3);
        double root = Math.Sqrt(2) * size;
        // One subnormal step, or a few eps: what the format can hold.
        double tolerance = Math.Max(double.Epsilon, 12 * Unit<double>() * size);
        Math.Abs(values[0] + root).ShouldBeLessThanOrEqualTo(tolerance);
        Math.Abs(values[1]).ShouldBeLessThanOrEqualTo(tolerance);
        Math.Abs(values[2] - root).ShouldBeLessThanOrEqualTo(tolerance);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_number_that_is_not_finite_gives_NaN_everywhere(double poison)
    {
        foreach ((int i, int j) in new[] { (0, 0), (7, 3), (39, 38), (39, 39), (39, 5) })
        {
            const int n = 40;
            double[] a = Matrix<double>("random", n);
            a[(i * n) + j] = poison;
            Values(a, n).ShouldAllBe(x => double.IsNaN(x));
            (double[] values, double[] vectors) = ValuesAndVectors(a, n);
            values.ShouldAllBe(x => double.IsNaN(x));
            vectors.ShouldAllBe(x => double.IsNaN(x));
        }
    }

    [Fact]
    public void Only_the_lower_triangle_is_read()
    {
        const int n = 43;
        double[] a = Matrix<double>("random", n);
        double[] expected = Values(a, n);
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++)
            {
                a[(i * n) + j] = double.NaN;
            }
        }

        Values(a, n).ShouldBe(expected);
    }

    [Fact]
    public void A_used_workspace_gives_the_bits_of_a_new_one()
    {
        using EigenWorkspace<float> workspace = new(90, vectors: true);
        float[] large = Matrix<float>("random", 90);
        float[] small = Matrix<float>("random", 35);
        float[] values = new float[35];
        float[] expected = Values(small, 35);
        SymmetricEigen.ValuesAndVectors<float>(large, 90, new float[90], new float[90 * 90], workspace).ShouldBeTrue();
        SymmetricEigen.Values<float>(small, 35, values, workspace).ShouldBeTrue();
        values.ShouldBe(expected);
    }

    [Fact]
    public void Calls_allocate_nothing()
    {
        const int n = 50;
        double[] a = Matrix<double>("random", n);
        double[] values = new double[n];
        double[] vectors = new double[n * n];
        using EigenWorkspace<double> workspace = new(n, vectors: true);
        SymmetricEigen.ValuesAndVectors<double>(a, n, values, vectors, workspace).ShouldBeTrue();
        SymmetricEigen.Values<double>(a, n, values, workspace).ShouldBeTrue();
        long before = GC.GetAllocatedBytesForCurrentThread();
        SymmetricEigen.ValuesAndVectors<double>(a, n, values, vectors, workspace);
        SymmetricEigen.Values<double>(a, n, values, workspace);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void MathNet_agrees()
    {
        const int n = 80;
        double[] a = Matrix<double>("random", n);
        double[] other =
        [
            .. MathNet
                .Numerics.LinearAlgebra.Matrix<double>.Build.Dense(n, n, a)
                .Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric)
                .EigenValues.Select(x => x.Real)
                .Order(),
        ];
        CompareValues(Values(a, n), other, n);
    }

    [OpenBlasFact]
    public void Lapack_agrees()
    {
        foreach (string type in new[] { "random", "similar-clustered", "graded", "random-large" })
        {
            const int n = 90;
            double[] a = Matrix<double>(type, n);
            CompareValues(Values(a, n), OpenBlas.Eigenvalues(a, n), n, type);
            float[] b = Matrix<float>(type, n);
            CompareValues(Values(b, n), [.. OpenBlas.Eigenvalues(b, n).Select(x => (double)x)], n, type);
        }
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        using EigenWorkspace<double> workspace = new(4);
        Should.Throw<ArgumentException>(() =>
            SymmetricEigen.Values<double>(new double[24], 5, new double[5], workspace)
        );
        Should.Throw<ArgumentException>(() =>
            SymmetricEigen.Values<double>(new double[25], 5, new double[5], workspace)
        );
        Should.Throw<ArgumentException>(() =>
            SymmetricEigen.Values<double>(new double[16], 4, new double[3], workspace)
        );
        Should.Throw<ArgumentException>(() =>
            SymmetricEigen.ValuesAndVectors<double>(new double[16], 4, new double[4], new double[16], workspace)
        );
        Should.Throw<ArgumentException>(() => new EigenWorkspace<Half>(4));
    }

    private static void LapackRatiosHold<T>(string type)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (int n in SmallOrders)
        {
            CheckRatios<T>(type, n);
        }
    }

    private static void CheckRatios<T>(string type, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = Matrix<T>(type, n);
        (T[] values, T[] vectors) = ValuesAndVectors(a, n);
        string label = $"{type}, n = {n}, {typeof(T).Name}";
        (double residual, double orthogonality) = Ratios(a, values, vectors, n);
        residual.ShouldBeLessThan(RatioThreshold, label);
        orthogonality.ShouldBeLessThan(RatioThreshold, label);
        for (int k = 1; k < n; k++)
        {
            (values[k - 1] <= values[k]).ShouldBeTrue(label);
        }

        CompareValues(Values(a, n), [.. values.Select(double.CreateChecked)], n, label);
    }

    // LAPACK's tests 11 and 12: the largest difference over the largest eigenvalue and eps.
    private static void CompareValues<T>(T[] values, double[] others, int n, string? label = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double largest = others.Select(Math.Abs).DefaultIfEmpty().Max();
        for (int k = 0; k < n; k++)
        {
            double difference = Math.Abs(double.CreateChecked(values[k]) - others[k]);
            difference.ShouldBeLessThanOrEqualTo(RatioThreshold * Unit<T>() * largest, label);
        }
    }

    // ||A - V L V^T|| / (||A|| n eps) and ||I - V^T V|| / (n eps) in the 1-norm, computed in double.
    private static (double Residual, double Orthogonality) Ratios<T>(T[] a, T[] values, T[] vectors, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] v = [.. vectors.Select(double.CreateChecked)];
        double[] l = [.. values.Select(double.CreateChecked)];
        double norm = 0;
        double residual = 0;
        double orthogonality = 0;
        double[] errors = new double[n];
        for (int i = 0; i < n; i++)
        {
            double columnSum = 0;
            Array.Clear(errors);
            for (int j = 0; j < n; j++)
            {
                double element = double.CreateChecked(a[(Math.Max(i, j) * n) + Math.Min(i, j)]);
                columnSum += Math.Abs(element);
                errors[j] = element;
            }

            for (int k = 0; k < n; k++)
            {
                double factor = v[(k * n) + i] * l[k];
                for (int j = 0; j < n; j++)
                {
                    errors[j] -= factor * v[(k * n) + j];
                }
            }

            norm = Math.Max(norm, columnSum);
            residual = Math.Max(residual, errors.Sum(Math.Abs));
            double row = 0;
            for (int j = 0; j < n; j++)
            {
                double dot = i == j ? -1 : 0;
                for (int c = 0; c < n; c++)
                {
                    dot += v[(i * n) + c] * v[(j * n) + c];
                }

                row += Math.Abs(dot);
            }

            orthogonality = Math.Max(orthogonality, row);
        }

        // A zero matrix must give a zero residual: then the ratio is zero as well.
        double scale = Math.Max(1, n) * Unit<T>();
        return (residual == 0 ? 0 : residual / norm / scale, orthogonality / scale);
    }

    private static void BitsAgree<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = Matrix<T>("random", n);
        (T[] Values, T[] Alone, T[] Vectors) narrow = Run<T, Register128<T>>(a, n);
        (T[] Values, T[] Alone, T[] Vectors) middle = Run<T, Register256<T>>(a, n);
        (T[] Values, T[] Alone, T[] Vectors) wide = Run<T, Register512<T>>(a, n);
        middle.Values.ShouldBe(narrow.Values);
        middle.Alone.ShouldBe(narrow.Alone);
        middle.Vectors.ShouldBe(narrow.Vectors);
        wide.Values.ShouldBe(narrow.Values);
        wide.Alone.ShouldBe(narrow.Alone);
        wide.Vectors.ShouldBe(narrow.Vectors);
    }

    private static ulong Fingerprint<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = SymmetricTestMatrices.Integers<T>(n);
        (T[] values, T[] vectors) = ValuesAndVectors(a, n);
        return SymmetricTestMatrices.Fingerprint(values, vectors, Values(a, n));
    }

    private static (T[] Values, T[] Alone, T[] Vectors) Run<T, TVector>(T[] a, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TVector : unmanaged, IVector<TVector, T>
    {
        using EigenWorkspace<T> workspace = new(n, vectors: true);
        T[] values = new T[n];
        T[] alone = new T[n];
        T[] vectors = new T[n * n];
        SymmetricEigen.ValuesAndVectors<T, TVector>(a, n, values, vectors, workspace).ShouldBeTrue();
        SymmetricEigen.Values<T, TVector>(a, n, alone, workspace).ShouldBeTrue();
        return (values, alone, vectors);
    }

    private static T[] Values<T>(T[] a, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using EigenWorkspace<T> workspace = new(n);
        T[] values = new T[n];
        SymmetricEigen.Values<T>(a, n, values, workspace).ShouldBeTrue();
        return values;
    }

    private static (T[] Values, T[] Vectors) ValuesAndVectors<T>(T[] a, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using EigenWorkspace<T> workspace = new(n, vectors: true);
        T[] values = new T[n];
        T[] vectors = new T[n * n];
        SymmetricEigen.ValuesAndVectors<T>(a, n, values, vectors, workspace).ShouldBeTrue();
        return (values, vectors);
    }

    private static T[] Matrix<T>(string type, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => SymmetricTestMatrices.Create<T>(type, n);

    private static double Unit<T>() => SymmetricTestMatrices.Unit<T>();
}
