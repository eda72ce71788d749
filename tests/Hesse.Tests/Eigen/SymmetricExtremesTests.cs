using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;

namespace Hesse.Tests.Eigen;

[Trait("Category", "Numerical")]
public sealed class SymmetricExtremesTests
{
    private const double Unit = 1.1102230246251565e-16;

    // Residuals and inner products of unit vectors, in units of n eps ||A|| and n eps: LAPACK's threshold for its test ratios.
    private const double RatioThreshold = 60;

    public static TheoryData<string> Types => [.. SymmetricTestMatrices.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Values_are_those_of_the_whole_spectrum_and_vectors_are_orthonormal(string type)
    {
        foreach (
            (int n, int largest, int smallest) in new[]
            {
                (1, 1, 0),
                (2, 1, 1),
                (4, 1, 0),
                (5, 1, 0),
                (15, 2, 1),
                (16, 4, 0),
                (17, 0, 4),
                (33, 1, 0),
                (64, 10, 6),
                (65, 40, 25),
                (257, 5, 2),
            }
        )
        {
            string where = $"{type}, n = {n}, {largest} and {smallest}";
            double[] a = SymmetricTestMatrices.Create(type, n, Unit, 1e154);
            double[] all = new double[n];
            using EigenWorkspace<double> workspace = new(n);
            SymmetricEigen.Values<double>(a, n, all, workspace).ShouldBeTrue();
            double[] expected = [.. all.Reverse().Take(largest), .. all.Take(smallest)];
            int count = largest + smallest;
            double[] values = new double[count];
            double[] vectors = new double[count * n];
            using SymmetricExtremes extremes = new();
            extremes.Of(a, n, largest, smallest, values, vectors);

            double size = all.Max(Math.Abs);
            if (SymmetricExtremes.TakesFew(n, count))
            {
                values.ShouldBe(expected, where);
            }
            else
            {
                values.Zip(expected, (x, y) => Math.Abs(x - y)).Max().ShouldBeLessThanOrEqualTo(n * Unit * size, where);
            }

            for (int i = 0; i < count; i++)
            {
                double[] u = vectors[(i * n)..((i + 1) * n)];
                Residual(a, u, values[i], size).ShouldBeLessThanOrEqualTo(RatioThreshold * n * Unit, where);
                for (int j = 0; j <= i; j++)
                {
                    double product = KrylovBasis.Dot(u, vectors.AsSpan(j * n, n));
                    Math.Abs(product - (i == j ? 1 : 0)).ShouldBeLessThan(RatioThreshold * n * Unit, where);
                }
            }
        }
    }

    [Fact]
    public void Inverse_iteration_settles_on_every_kind_of_matrix()
    {
        // Of() falls back on all pairs where it does not: then a run would only be slow.
        using SymmetricExtremes extremes = new();
        foreach (string type in SymmetricTestMatrices.Types)
        {
            foreach (int n in new[] { 4, 20, 100 })
            {
                double[] a = SymmetricTestMatrices.Create(type, n, Unit, 1e154);
                extremes
                    .OfFew<Register256<double>>(a, n, n / 8, new double[n / 4], new double[n / 4 * n])
                    .ShouldBeTrue($"{type}, n = {n}");
            }
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_the_register_width_nor_on_the_matrix_before()
    {
        using SymmetricExtremes extremes = new();
        foreach (int n in new[] { 300, 40, 77 })
        {
            double[] a = SymmetricTestMatrices.Create("random", n, Unit, 1);
            double[] narrow = Vectors<Register128<double>>(extremes, a, n);
            Vectors<Register256<double>>(extremes, a, n).ShouldBe(narrow);
            Vectors<Register512<double>>(extremes, a, n).ShouldBe(narrow);
            using SymmetricExtremes fresh = new();
            Vectors<Register256<double>>(fresh, a, n).ShouldBe(narrow);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void A_number_that_is_not_finite_gives_NaN(int largest)
    {
        const int n = 40;
        double[] a = SymmetricTestMatrices.Create("random", n, Unit, 1);
        a[(7 * n) + 3] = double.NaN;
        double[] values = new double[largest];
        double[] vectors = new double[largest * n];
        using SymmetricExtremes extremes = new();
        extremes.Of(a, n, largest, 0, values, vectors);
        values.ShouldAllBe(x => double.IsNaN(x));
        vectors.ShouldAllBe(x => double.IsNaN(x));
    }

    private static double[] Vectors<TVector>(SymmetricExtremes extremes, double[] a, int n)
        where TVector : unmanaged, IVector<TVector, double>
    {
        double[] values = new double[5];
        double[] vectors = new double[5 * n];
        extremes.OfFew<TVector>(a, n, 3, values, vectors).ShouldBeTrue();
        return [.. values, .. vectors];
    }

    // ||A u - lambda u|| / size, computed on A / size: its numbers may be as large as the format holds.
    private static double Residual(double[] a, double[] u, double value, double size)
    {
        double scale = size == 0 ? 1 : size;
        int n = u.Length;
        double squares = 0;
        for (int i = 0; i < n; i++)
        {
            double rest = -(value / scale) * u[i];
            for (int j = 0; j < n; j++)
            {
                rest += a[(Math.Max(i, j) * n) + Math.Min(i, j)] / scale * u[j];
            }

            squares += rest * rest;
        }

        return Math.Sqrt(squares);
    }
}
