using Hesse.Eigen;
using Hesse.Replicas;

namespace Hesse.Tests.Eigen;

/// <summary>Lanczos' method on matrices whose eigenvalues are known: clusters, exhausted spaces, the smallest orders.</summary>
[Trait("Category", "Numerical")]
public sealed class LanczosTests
{
    // Values converge with the square of the residual; what is left is rounding of matrices of size 100.
    private const double Tolerance = 1e-10;

    [Fact]
    public void Three_steps_on_five_numbers()
    {
        double[] alpha = new double[3];
        double[] beta = new double[3];
        double[] start = [.. Enumerable.Repeat(1 / Math.Sqrt(5), 5)];
        Lanczos.Tridiagonalise(start, Diagonal([1, 2, 3, 4, 5]), alpha, beta).ShouldBe(3);

        Near(alpha, [3, 3, 3]);
        Near(beta[..2], [Math.Sqrt(2), Math.Sqrt(1.4)]);
    }

    [Fact]
    public void Two_clusters_exhaust_the_space_after_two_steps()
    {
        double[] diagonal = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? 1.0 : 50.0)];
        double[] alpha = new double[20];
        double[] beta = new double[20];
        Lanczos.Tridiagonalise(Normal(200, 0), Reflected(diagonal), alpha, beta).ShouldBe(2);

        double half = (alpha[0] - alpha[1]) / 2;
        double root = Math.Sqrt((half * half) + (beta[0] * beta[0]));
        Near([((alpha[0] + alpha[1]) / 2) - root, ((alpha[0] + alpha[1]) / 2) + root], [1, 50]);
        Near(Extremes(200, Reflected(diagonal), 3, 3), [50, 50, 50, 1, 1, 1]);
    }

    [Fact]
    public void No_eigenvalue_is_found_twice()
    {
        // Without reorthogonalisation copies of 100 appear.
        double[] diagonal = [.. Enumerable.Range(0, 199).Select(i => i / 198.0), 100];
        Near(Extremes(200, Diagonal(diagonal), 3, 0), [100, 1, 197 / 198.0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(300)]
    public void Zero_identity_and_rank_one(int order)
    {
        int largest = Math.Min(3, order);
        Near(Extremes(order, Diagonal(new double[order]), largest, 0), new double[largest]);
        Near(
            Extremes(order, Diagonal([.. Enumerable.Repeat(1.0, order)]), largest, 0),
            [.. Enumerable.Repeat(1.0, largest)]
        );
        double[] one = new double[order];
        one[order / 2] = 7;
        double[] expected = new double[largest];
        expected[0] = 7;
        Near(Extremes(order, Diagonal(one), largest, 0), expected);
        one[order / 2] = -7;
        Extremes(order, Diagonal(one), 0, 1)[0].ShouldBe(-7, Tolerance);
    }

    [Fact]
    public void Start_vector_may_be_an_eigenvector_or_zero()
    {
        double[] diagonal = [.. Enumerable.Range(1, 90).Select(i => (double)i)];
        foreach (double length in new double[] { 0, 1, 1e-200 })
        {
            Extremes(90, Diagonal(diagonal), 1, 1, First).ShouldBe([90, 1], Tolerance * 90);

            void First(int number, Span<double> vector)
            {
                Normal(90, number).CopyTo(vector);
                if (number == 0)
                {
                    vector.Clear();
                    vector[40] = length;
                }
            }
        }
    }

    [Fact]
    public void All_eigenvalues_of_a_small_matrix() =>
        Near(
            Extremes(12, Reflected([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), 5, 7),
            [12, 11, 10, 9, 8, 1, 2, 3, 4, 5, 6, 7]
        );

    [Fact]
    public void Restarts_reach_a_close_pair()
    {
        // The ends 1 and 0.9999 of a dense spectrum need more vectors than are kept.
        double[] diagonal = [.. Enumerable.Range(0, 498).Select(i => i / 500.0), 0.9999, 1];
        Near(Extremes(500, Diagonal(diagonal), 2, 0), [1, 0.9999]);
    }

    [Fact]
    public void Products_that_are_not_finite_end_it()
    {
        double[] values = new double[1];
        double[] residuals = new double[1];
        double[] vectors = new double[9];
        bool[] converged = [true];
        Lanczos
            .Extremes(
                9,
                1,
                0,
                1e-6,
                (_, image) => image.Fill(double.NaN),
                (_, v) => v.Fill(1),
                values,
                residuals,
                vectors,
                converged
            )
            .ShouldBe(1);
        values[0].ShouldBe(double.NaN);
        converged[0].ShouldBeFalse();
    }

    private static double[] Extremes(
        int order,
        SymmetricProduct product,
        int largest,
        int smallest,
        StartVectors? start = null
    )
    {
        double[] values = new double[largest + smallest];
        double[] residuals = new double[largest + smallest];
        double[] vectors = new double[(largest + smallest) * order];
        bool[] converged = new bool[largest + smallest];
        Lanczos.Extremes(
            order,
            largest,
            smallest,
            1e-9,
            product,
            start ?? ((number, vector) => Normal(order, number).CopyTo(vector)),
            values,
            residuals,
            vectors,
            converged
        );
        double[] image = new double[order];
        for (int i = 0; i < values.Length; i++)
        {
            converged[i].ShouldBeTrue();
            ReadOnlySpan<double> u = vectors.AsSpan(i * order, order);
            product(u, image);
            double squares = 0;
            for (int k = 0; k < order; k++)
            {
                squares += Math.Pow(image[k] - (values[i] * u[k]), 2);
            }

            // The residual that is told is the one that there is.
            Math.Sqrt(squares).ShouldBe(residuals[i], 1e-11);
        }

        return values;
    }

    private static SymmetricProduct Diagonal(double[] diagonal) =>
        (vector, image) =>
        {
            for (int i = 0; i < diagonal.Length; i++)
            {
                image[i] = diagonal[i] * vector[i];
            }
        };

    // (I - 2 r r^T) D (I - 2 r r^T): a full matrix with the eigenvalues D.
    private static SymmetricProduct Reflected(double[] diagonal)
    {
        double[] r = Normal(diagonal.Length, 1000);
        double length = Math.Sqrt(r.Sum(x => x * x));
        r = [.. r.Select(x => x / length)];
        return (vector, image) =>
        {
            double[] v = Reflect(vector.ToArray());
            Reflect([.. v.Select((x, i) => x * diagonal[i])]).CopyTo(image);
        };

        double[] Reflect(double[] v)
        {
            double along = v.Zip(r, (x, y) => x * y).Sum();
            return [.. v.Zip(r, (x, y) => x - (2 * along * y))];
        }
    }

    private static double[] Normal(int order, int number)
    {
        double[] vector = new double[order];
        NormalDeviates.Fill(5, (uint)(number * order), 0, 0, RandomStream.LanczosStart, vector);
        return vector;
    }

    private static void Near(double[] found, double[] expected)
    {
        found.Length.ShouldBe(expected.Length);
        for (int i = 0; i < found.Length; i++)
        {
            found[i].ShouldBe(expected[i], Tolerance * Math.Max(1, Math.Abs(expected[i])));
        }
    }
}
