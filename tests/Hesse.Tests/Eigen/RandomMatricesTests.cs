using System.Numerics.Tensors;
using Hesse.Eigen;
using Hesse.Replicas;

namespace Hesse.Tests.Eigen;

/// <summary>
/// Random matrices whose spectra are known or cheap to have otherwise: the settings of other tools' tests (pytorch-hessian-eigenthings,
/// curvlinops) and the laws of Marchenko and Pastur and of Baik, Ben Arous and Peche.
/// </summary>
[Trait("Category", "Numerical")]
public sealed class RandomMatricesTests
{
    [Fact]
    public void Largest_and_smallest_of_a_wishart_matrix_are_those_of_the_dense_solver()
    {
        // n = 40, k = 5: relative 1e-5, residual below 1e-4 of the value; the three smallest of n = 60: 1e-3.
        foreach ((int n, int largest, int smallest, double tolerance) in new[] { (40, 5, 0, 1e-5), (60, 0, 3, 1e-3) })
        {
            double[] a = Wishart(n, 2 * n, seed: n);
            double[] all = new double[n];
            using EigenWorkspace<double> workspace = new(n);
            SymmetricEigen.Values<double>(a, n, all, workspace).ShouldBeTrue();
            (double[] values, double[] residuals) = Extremes(n, largest, smallest, Product(a, n));
            double[] expected = [.. all.Reverse().Take(largest), .. all.Take(smallest)];
            for (int i = 0; i < expected.Length; i++)
            {
                values[i].ShouldBe(expected[i], tolerance * expected[i]);
                residuals[i].ShouldBeLessThan(1e-4 * expected[i]);
            }
        }
    }

    [Fact]
    public void Spikes_of_a_covariance_stand_where_theory_has_them()
    {
        // Y = diag(5, 4, 3, 0, ...) + Z Z^T / n: a spike theta > 2 appears at theta^2 / (theta - 1), the bulk ends at 4. Fluctuations are
        // of the order n^(-1/2), of the edge n^(-2/3).
        const int n = 1000;
        double[] z = Normal(n * n, 11);
        double[] middle = new double[n];
        (double[] values, _) = Extremes(
            n,
            4,
            0,
            (vector, image) =>
            {
                // z is stored by columns of Z^T: row i of Z, (n).
                middle.AsSpan().Clear();
                for (int i = 0; i < n; i++)
                {
                    TensorPrimitives.FusedMultiplyAdd<double>(z.AsSpan(i * n, n), vector[i], middle, middle);
                }

                for (int i = 0; i < n; i++)
                {
                    image[i] = KrylovBasis.Dot(z.AsSpan(i * n, n), middle) / n;
                }

                image[0] += 5 * vector[0];
                image[1] += 4 * vector[1];
                image[2] += 3 * vector[2];
            }
        );
        double[] expected = [6.25, 16.0 / 3, 4.5, 4];
        for (int i = 0; i < expected.Length; i++)
        {
            values[i].ShouldBe(expected[i], 0.4);
        }

        values[3].ShouldBeLessThan(4.2);
    }

    [Fact]
    public void The_spectrum_of_a_sample_covariance_ends_at_the_edges_of_marchenko_and_pastur()
    {
        // 400 normal vectors in 100 dimensions: (1 - 1/2)^2 .. (1 + 1/2)^2, though every eigenvalue of their covariance is 1. From fewer
        // vectors the largest is further off: it is biased by (1 + sqrt(P/R))^2.
        foreach ((int p, int r) in new[] { (100, 400), (100, 1600) })
        {
            double[] values = new double[p];
            using EigenWorkspace<double> workspace = new(p);
            SymmetricEigen.Values<double>(Wishart(p, r, seed: r), p, values, workspace).ShouldBeTrue();
            double root = Math.Sqrt((double)p / r);
            values[^1].ShouldBe((1 + root) * (1 + root), 0.12);
            values[0].ShouldBe((1 - root) * (1 - root), 0.06);
        }
    }

    [Fact]
    public void Two_clusters_have_half_of_the_density_each()
    {
        double[] diagonal = [.. Enumerable.Range(0, 60).Select(i => i < 30 ? 1.0 : 5.0)];
        double low = 0;
        const int probes = 20;
        for (int probe = 0; probe < probes; probe++)
        {
            double[] nodes = new double[10];
            double[] weights = new double[10];
            Quadrature.Lanczos(
                Normal(60, probe),
                (vector, image) => TensorPrimitives.Multiply(vector, diagonal, image),
                nodes,
                weights
            );
            weights.Sum().ShouldBe(1, 1e-6);
            for (int i = 0; i < nodes.Length; i++)
            {
                // Peaks within 0.3, here to rounding.
                (weights[i] < 1e-12 || Math.Min(Math.Abs(nodes[i] - 1), Math.Abs(nodes[i] - 5)) < 1e-9).ShouldBeTrue();
                low += nodes[i] < 3 ? weights[i] / probes : 0;
            }
        }

        low.ShouldBe(0.5, 0.15);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(11)]
    [InlineData(12)]
    public void Lanczos_matrix_has_the_moments_of_the_matrix(int steps)
    {
        // Eigenvalues 1, 1 + 1/12, ...: q^T A^k q of the start vector for k up to 2 steps - 1, by K nodes.
        double[] diagonal = [.. Enumerable.Range(0, 12).Select(i => 1 + (i / 12.0))];
        double[] start = Normal(12, 4);
        double[] nodes = new double[steps];
        double[] weights = new double[steps];
        Quadrature.Lanczos(
            start,
            (vector, image) => TensorPrimitives.Multiply(vector, diagonal, image),
            nodes,
            weights
        );
        double squares = start.Sum(x => x * x);
        for (int power = 0; power <= (2 * steps) - 1; power++)
        {
            double moment = start.Zip(diagonal, (x, d) => x * x * Math.Pow(d, power)).Sum() / squares;
            nodes.Zip(weights, (x, w) => w * Math.Pow(x, power)).Sum().ShouldBe(moment, 1e-10 * moment);
        }

        if (steps == 12)
        {
            nodes.ShouldBe(diagonal, 1e-10);
        }
    }

    // (1/m) sum of m vectors v v^T. (n,n)
    private static double[] Wishart(int n, int m, int seed)
    {
        double[] z = Normal(n * m, seed);
        double[] a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                a[(i * n) + j] = KrylovBasis.Dot(z.AsSpan(i * m, m), z.AsSpan(j * m, m)) / m;
            }
        }

        return a;
    }

    private static SymmetricProduct Product(double[] a, int n) =>
        (vector, image) =>
        {
            for (int i = 0; i < n; i++)
            {
                image[i] = KrylovBasis.Dot(a.AsSpan(i * n, n), vector);
            }
        };

    private static (double[] Values, double[] Residuals) Extremes(
        int n,
        int largest,
        int smallest,
        SymmetricProduct product
    )
    {
        int count = largest + smallest;
        double[] values = new double[count];
        double[] residuals = new double[count];
        bool[] converged = new bool[count];
        Lanczos.Extremes(
            n,
            largest,
            smallest,
            1e-6,
            product,
            (number, vector) => Normal(n, 100 + number).CopyTo(vector),
            values,
            residuals,
            new double[count * n],
            converged
        );
        converged.ShouldAllBe(one => one);
        return (values, residuals);
    }

    private static double[] Normal(int count, int seed)
    {
        double[] numbers = new double[count];
        NormalDeviates.Fill((ulong)seed, 0, 0, 0, RandomStream.LanczosStart, numbers);
        return numbers;
    }
}
