using Hesse.Eigen;

namespace Hesse.Tests.Eigen;

[Trait("Category", "Numerical")]
public sealed class QuadratureTests
{
    // Rounding of matrices of size 5.
    private const double Tolerance = 1e-13;

    [Fact]
    public void Weights_are_the_squared_first_components()
    {
        double[] start = [.. Enumerable.Repeat(1.0, 5)];
        double[] nodes = new double[3];
        double[] weights = new double[3];
        Quadrature.Lanczos(start, Counting, nodes, weights);

        nodes[0].ShouldBe(1.15609111, 5e-9);
        nodes[1].ShouldBe(3, Tolerance);
        nodes[2].ShouldBe(4.84390889, 5e-9);
        weights[0].ShouldBe(5 / 17.0, Tolerance);
        weights[1].ShouldBe(7 / 17.0, Tolerance);
        double[] moments = [3, 11, 45, 195.8, 885];
        for (int power = 1; power <= 5; power++)
        {
            nodes.Zip(weights, (x, w) => w * Math.Pow(x, power)).Sum().ShouldBe(moments[power - 1], 885 * Tolerance);
        }

        nodes.Zip(weights, (x, w) => w * Math.Pow(x, 6)).Sum().ShouldBe(4100.12, 5e-3);
    }

    [Fact]
    public void An_exhausted_space_leaves_nodes_without_weight()
    {
        double[] nodes = new double[4];
        double[] weights = new double[4];
        Quadrature.Lanczos([1, 0, 0, 1, 0], Counting, nodes, weights);

        nodes.ShouldBe([1, 4, 4, 4], Tolerance);
        weights.ShouldBe([0.5, 0.5, 0, 0], Tolerance);
    }

    [Fact]
    public void Singular_values_of_a_product_of_rotations_and_scales()
    {
        // diag(3, 1e-9, 0) between two rotations of the plane (0, 1).
        (double sine, double cosine) = Math.SinCos(0.3);
        double[] matrix =
        [
            (cosine * 3 * cosine) - (sine * 1e-9 * sine),
            -(cosine * 3 * sine) - (sine * 1e-9 * cosine),
            0,
            (sine * 3 * cosine) + (cosine * 1e-9 * sine),
            -(sine * 3 * sine) + (cosine * 1e-9 * cosine),
            0,
            0,
            0,
            0,
        ];
        double[] values = new double[3];
        SingularValues.Of(matrix, 3, values);
        values[0].ShouldBe(3, Tolerance);
        values[1].ShouldBe(1e-9, 1e-15);
        values[2].ShouldBe(0);
    }

    private static void Counting(ReadOnlySpan<double> vector, Span<double> image)
    {
        for (int i = 0; i < image.Length; i++)
        {
            image[i] = (i + 1) * vector[i];
        }
    }
}
