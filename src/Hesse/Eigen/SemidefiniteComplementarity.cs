namespace Hesse.Eigen;

/// <summary>
/// The semidefinite complementarity problem of a symmetric positive semidefinite form B on symmetric matrices of order k: X &gt;= 0, Y = A + B[X] &gt;= 0,
/// &lt;X, Y&gt; = 0; X minimises &lt;X, B[X]&gt; / 2 + &lt;A, X&gt; over X &gt;= 0. Matrices are given by their d = k (k + 1) / 2
/// <see cref="SymmetricCoordinates"/>.
/// </summary>
/// <remarks>
/// The barrier -mu log det X is followed from mu = 1 by factors of ten, in units in which B takes each e_i e_i^T to a matrix with a 1 there and the largest coordinate of A is 1. With X = L L^T a step is
/// X &lt;- L (I + D / (1 + lambda)) L^T, D Newton's direction and lambda its decrement: X stays positive definite, and the steps
/// converge from everywhere because the function is self-concordant (Y. Nesterov, A. Nemirovskii, Interior-point polynomial algorithms in convex
/// programming, 1994). At the end Y = mu X^-1 up to the last step, so &lt;X, Y&gt; is k mu.
/// </remarks>
internal static class SemidefiniteComplementarity
{
    // Where the path ends: <X, Y> / k, in the units above or relative to <X, B[X]>.
    private const double Smallest = 1e-12;

    // Of the largest entry of B, what counts as none.
    private const double Negligible = 1e-16;

    // Below 1/4 the next step has less than lambda^2 / (1 - lambda)^2 = 1/9.
    private const double NearThePath = 0.25;

    // Five matrices of order five take a hundred.
    private const int MostSteps = 500;

    /// <summary>Solves the problem; false where there is no solution.</summary>
    /// <param name="order">k</param>
    /// <param name="constant">A (d)</param>
    /// <param name="form">B (d,d)</param>
    /// <param name="solution">X (d); exactly 0 where A is 0 or positive definite.</param>
    public static bool TrySolve(
        int order,
        ReadOnlySpan<double> constant,
        ReadOnlySpan<double> form,
        Span<double> solution
    )
    {
        int d = constant.Length;
        solution.Clear();
        if (Cholesky.TryFactor(SymmetricCoordinates.Matrix(order, constant), order))
        {
            return true;
        }

        double[] scales = Scales(order, form);
        double[] a = [.. constant];
        double[] b = [.. form];
        for (int p = 0; p < d; p++)
        {
            a[p] *= scales[p];
            for (int q = 0; q < d; q++)
            {
                b[(p * d) + q] *= scales[p] * scales[q];
            }
        }

        double size = 0;
        foreach (double value in a)
        {
            size = Math.Max(size, Math.Abs(value));
        }

        if (size == 0)
        {
            return true;
        }

        Divide(a, size);
        double[] factor = new double[order * order];
        for (int i = 0; i < order; i++)
        {
            factor[(i * order) + i] = 1;
        }

        double mu = 1;
        for (int step = 0; step < MostSteps; step++)
        {
            if (!TryStep(order, a, b, mu, factor, out double decrement, out double product))
            {
                return false;
            }

            if (decrement < NearThePath)
            {
                if (mu <= Smallest * Math.Max(1, product))
                {
                    SymmetricCoordinates.Square(order, factor, solution);
                    for (int p = 0; p < d; p++)
                    {
                        solution[p] *= scales[p] * size;
                    }

                    return true;
                }

                mu /= 10;
            }
        }

        return false;
    }

    /// <summary>What each coordinate is multiplied with so that B has ones where it takes e_i e_i^T to itself: X becomes S X S with a diagonal S.</summary>
    private static double[] Scales(int order, ReadOnlySpan<double> form)
    {
        int d = SymmetricCoordinates.Count(order);
        double largest = 0;
        for (int p = 0; p < d; p++)
        {
            largest = Math.Max(largest, form[(p * d) + p]);
        }

        double[] diagonal = new double[order];
        for (int i = 0; i < order; i++)
        {
            double own = form[(SymmetricCoordinates.Place(i, i) * d) + SymmetricCoordinates.Place(i, i)];
            diagonal[i] = 1 / Math.Sqrt(Math.Sqrt(Math.Max(own, Negligible * largest)));
        }

        double[] scales = new double[d];
        for (int row = 0; row < order; row++)
        {
            for (int column = 0; column <= row; column++)
            {
                scales[SymmetricCoordinates.Place(row, column)] = diagonal[row] * diagonal[column];
            }
        }

        return scales;
    }

    /// <summary>One damped step of Newton's method on X = L L^T.</summary>
    private static bool TryStep(
        int order,
        double[] a,
        double[] b,
        double mu,
        double[] factor,
        out double decrement,
        out double product
    )
    {
        int d = a.Length;
        double[] x = new double[d];
        SymmetricCoordinates.Square(order, factor, x);
        double[] slope = new double[d]; // A + B[X]
        for (int p = 0; p < d; p++)
        {
            slope[p] = a[p] + Cholesky.Dot(b.AsSpan(p * d, d), x);
        }

        product = Cholesky.Dot(x, slope) - Cholesky.Dot(x, a);
        double[] map = SymmetricCoordinates.Congruence(order, factor); // rows L E L^T, E the unit matrices (d,d)
        double[] gradient = new double[d];
        double[] hessian = new double[d * d];
        double[] image = new double[d];
        for (int p = 0; p < d; p++)
        {
            ReadOnlySpan<double> row = map.AsSpan(p * d, d);
            gradient[p] = Cholesky.Dot(row, slope);
            for (int q = 0; q < d; q++)
            {
                image[q] = Cholesky.Dot(b.AsSpan(q * d, d), row);
            }

            for (int q = 0; q < d; q++)
            {
                hessian[(p * d) + q] = Cholesky.Dot(map.AsSpan(q * d, d), image);
            }

            hessian[(p * d) + p] += mu;
        }

        for (int i = 0; i < order; i++)
        {
            gradient[SymmetricCoordinates.Place(i, i)] -= mu;
        }

        double[] direction = [.. gradient];
        decrement = double.NaN;
        if (!Cholesky.TryFactor(hessian, d))
        {
            return false;
        }

        Cholesky.Solve(hessian, d, direction);
        decrement = Math.Sqrt(Math.Max(0, Cholesky.Dot(gradient, direction)) / mu);
        Divide(direction, -(1 + decrement));
        for (int i = 0; i < order; i++)
        {
            direction[SymmetricCoordinates.Place(i, i)] += 1;
        }

        double[] step = SymmetricCoordinates.Matrix(order, direction);
        if (!Cholesky.TryFactor(step, order))
        {
            return false;
        }

        Multiply(order, factor, step);
        return true;
    }

    /// <summary>left right in the place of left.</summary>
    private static void Multiply(int n, double[] left, double[] right)
    {
        double[] row = new double[n];
        for (int i = 0; i < n; i++)
        {
            left.AsSpan(i * n, n).CopyTo(row);
            for (int j = 0; j < n; j++)
            {
                double sum = 0;
                for (int l = 0; l < n; l++)
                {
                    sum += row[l] * right[(l * n) + j];
                }

                left[(i * n) + j] = sum;
            }
        }
    }

    private static void Divide(Span<double> values, double divisor)
    {
        foreach (ref double value in values)
        {
            value /= divisor;
        }
    }
}
