using Hesse.Backends.Reference;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Hesse.Tests.Backends.Reference;

[Trait("Category", "Numerical")]
public class ScalarEigenvaluesTests
{
    // Reflections and bisection: a few n eps of the norm.
    private const double Tolerance = 1e-13;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(40)]
    public void Agree_with_another_solver(int n)
    {
        double[] a = Symmetric(n);
        double[] expected =
        [
            .. DenseMatrix
                .Create(n, n, (i, j) => a[(i * n) + j])
                .Evd(Symmetricity.Symmetric)
                .EigenValues.Select(x => x.Real)
                .Order(),
        ];
        double[] found = new double[n];
        ScalarEigenvalues.Of(a, n, found);
        for (int i = 0; i < n; i++)
        {
            found[i].ShouldBe(expected[i], Tolerance * n);
        }
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1)]
    [InlineData(1e300)]
    public void The_size_of_the_entries_does_not_matter(double scale)
    {
        // Eigenvalues 0 (twice), 1 and 5 times the scale.
        double[] a = [0, 0, 0, 0, 0, 1, 2, 0, 0, 2, 4, 0, 0, 0, 0, 1];
        double[] found = new double[4];
        ScalarEigenvalues.Of([.. a.Select(x => x * scale)], 4, found);
        double[] expected = [0, 0, 1, 5];
        for (int i = 0; i < 4; i++)
        {
            (found[i] / scale).ShouldBe(expected[i], Tolerance);
        }
    }

    [Fact]
    public void Zero_matrix_and_not_a_number()
    {
        double[] found = [1, 1];
        ScalarEigenvalues.Of(new double[4], 2, found);
        found.ShouldBe([0, 0]);
        ScalarEigenvalues.Of([1, double.NaN, double.NaN, 1], 2, found);
        found.ShouldBe([double.NaN, double.NaN]);
    }

    private static double[] Symmetric(int n)
    {
        double[] a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                a[(i * n) + j] = Math.Sin((((i * n) + j) * ((i * n) + j)) + 1.0);
                a[(j * n) + i] = a[(i * n) + j];
            }
        }

        return a;
    }
}
