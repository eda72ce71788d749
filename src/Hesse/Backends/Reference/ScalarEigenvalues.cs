namespace Hesse.Backends.Reference;

/// <summary>
/// Eigenvalues of a symmetric matrix by the two plainest steps there are: Householder reflections to tridiagonal form, then each
/// eigenvalue by bisection on the number of negative pivots (Sylvester's inertia), down to neighbouring numbers.
/// </summary>
internal static class ScalarEigenvalues
{
    /// <summary>All eigenvalues, ascending; NaN where the matrix holds a value that is not finite.</summary>
    /// <param name="matrix">(n,n), symmetric; overwritten.</param>
    /// <param name="n">Its size.</param>
    /// <param name="eigenvalues">(n)</param>
    public static void Of(Span<double> matrix, int n, Span<double> eigenvalues)
    {
        double largest = 0;
        foreach (double value in matrix)
        {
            if (!double.IsFinite(value))
            {
                eigenvalues.Fill(double.NaN);
                return;
            }

            largest = Math.Max(largest, Math.Abs(value));
        }

        if (largest == 0)
        {
            eigenvalues.Clear();
            return;
        }

        // A power of two near the largest entry: squares neither overflow nor vanish, and no digit changes.
        int exponent = Math.ILogB(largest);
        foreach (ref double value in matrix)
        {
            value = Math.ScaleB(value, -exponent);
        }

        double[] diagonal = new double[n];
        double[] beside = new double[n]; // beside[i] couples i-1 and i; beside[0] = 0
        Tridiagonalise(matrix, n, diagonal, beside);
        for (int index = 0; index < n; index++)
        {
            eigenvalues[index] = Math.ScaleB(Bisect(diagonal, beside, index), exponent);
        }
    }

    // Column k below its first subdiagonal element is reflected away: A <- H A H, H = I - 2 u u^T, with w = A u and c = u^T w
    // A <- A - 2 u w^T - 2 w u^T + 4 c u u^T.
    private static void Tridiagonalise(Span<double> a, int n, double[] diagonal, double[] beside)
    {
        double[] u = new double[n];
        double[] w = new double[n];
        for (int k = 0; k < n; k++)
        {
            diagonal[k] = a[(k * n) + k];
            if (k == n - 1)
            {
                break;
            }

            double norm = 0;
            for (int i = k + 1; i < n; i++)
            {
                u[i] = a[(i * n) + k];
                norm = Math.FusedMultiplyAdd(u[i], u[i], norm);
            }

            norm = Math.Sqrt(norm);
            beside[k + 1] = u[k + 1] > 0 ? -norm : norm;
            u[k + 1] -= beside[k + 1];
            double length = 0;
            for (int i = k + 1; i < n; i++)
            {
                length = Math.FusedMultiplyAdd(u[i], u[i], length);
            }

            if (length == 0)
            {
                continue;
            }

            length = Math.Sqrt(length);
            for (int i = k + 1; i < n; i++)
            {
                u[i] /= length;
            }

            double c = 0;
            for (int i = k + 1; i < n; i++)
            {
                double sum = 0;
                for (int j = k + 1; j < n; j++)
                {
                    sum = Math.FusedMultiplyAdd(a[(i * n) + j], u[j], sum);
                }

                w[i] = sum;
                c = Math.FusedMultiplyAdd(u[i], sum, c);
            }

            for (int i = k + 1; i < n; i++)
            {
                w[i] = 2 * (w[i] - (c * u[i]));
            }

            for (int i = k + 1; i < n; i++)
            {
                for (int j = k + 1; j < n; j++)
                {
                    a[(i * n) + j] -= (u[i] * w[j]) + (w[i] * u[j]);
                }
            }
        }
    }

    // The eigenvalue with index others below it: halves the Gershgorin interval until its ends are neighbours.
    private static double Bisect(double[] diagonal, double[] beside, int index)
    {
        double low = 0;
        double high = 0;
        for (int i = 0; i < diagonal.Length; i++)
        {
            double radius = Math.Abs(beside[i]) + (i + 1 < diagonal.Length ? Math.Abs(beside[i + 1]) : 0);
            low = Math.Min(low, diagonal[i] - radius);
            high = Math.Max(high, diagonal[i] + radius);
        }

        // Rounding may move an end by a little; the smallest difference of interest is far below the error of the reflections.
        double finest = 1e-18 * Math.Max(-low, high);
        low -= 1e-14 * Math.Max(-low, high);
        high += 1e-14 * Math.Max(-low, high);
        while (high - low > finest)
        {
            double middle = low + (0.5 * (high - low));
            if (middle <= low || middle >= high)
            {
                break;
            }

            if (CountBelow(diagonal, beside, middle) > index)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return low + (0.5 * (high - low));
    }

    // Number of eigenvalues below x: negative pivots of the factorisation T - x I = L D L^T.
    private static int CountBelow(double[] diagonal, double[] beside, double x)
    {
        int count = 0;
        double pivot = 1;
        for (int i = 0; i < diagonal.Length; i++)
        {
            pivot = diagonal[i] - x - (beside[i] * beside[i] / pivot);

            // A zero pivot is taken as a tiny negative one.
            pivot = pivot == 0 ? -1e-300 : pivot;
            count += pivot < 0 ? 1 : 0;
        }

        return count;
    }
}
