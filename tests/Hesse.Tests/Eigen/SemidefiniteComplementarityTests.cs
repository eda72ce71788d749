using Hesse.Eigen;

namespace Hesse.Tests.Eigen;

[Trait("Category", "Numerical")]
public sealed class SemidefiniteComplementarityTests
{
    // The path ends at <X, Y> = 1e-12 k in units of the problem; B's condition, up to some thousands here, multiplies what X errs by.
    private const double EndOfPath = 1e-8;

    // What the brute force leaves after its last step.
    private const double BruteForce = 1e-7;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void The_solution_satisfies_all_three_conditions(int order)
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            (double[] constant, double[] form) = Problem(order, seed, spread: 2);
            double[] solution = new double[constant.Length];
            SemidefiniteComplementarity.TrySolve(order, constant, form, solution).ShouldBeTrue();
            double[] slack = Apply(form, solution);
            for (int i = 0; i < slack.Length; i++)
            {
                slack[i] += constant[i];
            }

            double sizes = Norm(solution) * Norm(constant);
            Eigen(order, solution).Values[0].ShouldBeGreaterThanOrEqualTo(-EndOfPath * Norm(solution));
            Eigen(order, slack).Values[0].ShouldBeGreaterThanOrEqualTo(-EndOfPath * Norm(constant));
            Math.Abs(Cholesky.Dot(solution, slack)).ShouldBeLessThanOrEqualTo(EndOfPath * sizes);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void It_is_where_projected_gradients_end(int order)
    {
        int inside = 0;
        for (int seed = 1; seed <= 10; seed++)
        {
            (double[] constant, double[] form) = Problem(order, seed, spread: 0.5);
            double[] solution = new double[constant.Length];
            SemidefiniteComplementarity.TrySolve(order, constant, form, solution).ShouldBeTrue();
            double[] expected = ByProjectedGradients(order, constant, form);
            double error = Norm([.. solution.Zip(expected, (x, y) => x - y)]);
            error.ShouldBeLessThan(BruteForce * Math.Max(1, Norm(expected)), $"problem {seed}");
            inside += Norm(expected) > 0 ? 1 : 0;
        }

        inside.ShouldBeGreaterThan(5);
    }

    [Fact]
    public void One_eigenvalue_has_the_quotient()
    {
        double[] solution = new double[1];
        SemidefiniteComplementarity.TrySolve(1, [-3e-5], [7e4], solution).ShouldBeTrue();
        solution[0].ShouldBe(3e-5 / 7e4, EndOfPath * 3e-5 / 7e4);
    }

    [Fact]
    public void Below_the_bound_the_solution_is_exactly_nothing()
    {
        double[] solution = [1, 2, 3];
        (_, double[] form) = Problem(2, 1, spread: 1);
        SemidefiniteComplementarity.TrySolve(2, [1, 0.1, 1], form, solution).ShouldBeTrue();
        solution.ShouldAllBe(x => x == 0);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(double.NaN)]
    public void Without_a_solution_it_says_so(double entry)
    {
        double[] form = new double[9];
        Array.Fill(form, entry);
        SemidefiniteComplementarity.TrySolve(2, [-1, 0, 1], form, new double[3]).ShouldBeFalse();
        // B moves the first entry of the diagonal, the second is beyond reach.
        double[] one = [1, 0, 0, 0, 0, 0, 0, 0, 0];
        SemidefiniteComplementarity.TrySolve(2, [1, 0, -1], one, new double[3]).ShouldBeFalse();
    }

    /// <summary>A random symmetric A and B = G G^T of d vectors in d + 2 dimensions, whose lengths differ by exp(spread times a number up to 1).</summary>
    private static (double[] Constant, double[] Form) Problem(int order, int seed, double spread)
    {
        Random random = new(seed);
        int d = SymmetricCoordinates.Count(order);
        double[][] vectors =
        [
            .. Enumerable
                .Range(0, d)
                .Select(_ => Math.Exp(spread * ((2 * random.NextDouble()) - 1)))
                .Select(length =>
                    Enumerable.Range(0, d + 2).Select(_ => length * ((2 * random.NextDouble()) - 1)).ToArray()
                ),
        ];
        double[] form = [.. vectors.SelectMany(x => vectors.Select(y => Cholesky.Dot(x, y)))];
        double[] constant = [.. Enumerable.Range(0, d).Select(_ => (2 * random.NextDouble()) - 1)];
        return (constant, form);
    }

    /// <summary>X &lt;- P(X - (A + B[X]) / tr B), P the projection on the positive semidefinite matrices.</summary>
    private static double[] ByProjectedGradients(int order, double[] constant, double[] form)
    {
        int d = constant.Length;
        double trace = Enumerable.Range(0, d).Sum(i => form[(i * d) + i]);
        double[] x = new double[d];
        for (int step = 0; step < 200_000; step++)
        {
            double[] slope = Apply(form, x);
            double[] moved = [.. x.Select((value, i) => value - ((slope[i] + constant[i]) / trace))];
            (double[] values, double[] vectors) = Eigen(order, moved);
            double[] projected = new double[d];
            for (int k = 0; k < order; k++)
            {
                for (int i = 0; i < order; i++)
                {
                    for (int j = 0; j <= i; j++)
                    {
                        projected[SymmetricCoordinates.Place(i, j)] +=
                            SymmetricCoordinates.Weight(i, j)
                            * Math.Max(0, values[k])
                            * vectors[(k * order) + i]
                            * vectors[(k * order) + j];
                    }
                }
            }

            double change = Norm([.. x.Zip(projected, (a, b) => a - b)]);
            x = projected;
            if (change <= 1e-14 * Norm(x))
            {
                break;
            }
        }

        return x;
    }

    private static double[] Apply(double[] form, double[] x) =>
        [.. Enumerable.Range(0, x.Length).Select(i => Cholesky.Dot(form.AsSpan(i * x.Length, x.Length), x))];

    private static double Norm(double[] x) => Math.Sqrt(Cholesky.Dot(x, x));

    private static (double[] Values, double[] Vectors) Eigen(int order, double[] coordinates)
    {
        double[] matrix = new double[order * order];
        for (int i = 0; i < order; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double value = coordinates[SymmetricCoordinates.Place(i, j)];
                matrix[(i * order) + j] = value / SymmetricCoordinates.Weight(i, j);
            }
        }

        double[] values = new double[order];
        double[] vectors = new double[order * order];
        using EigenWorkspace<double> workspace = new(order, vectors: true);
        SymmetricEigen.ValuesAndVectors<double>(matrix, order, values, vectors, workspace).ShouldBeTrue();
        return (values, vectors);
    }
}
