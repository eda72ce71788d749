namespace Hesse.Eigen;

/// <summary>Cholesky's factorisation A = L L^T of small matrices, in plain order.</summary>
internal static class Cholesky
{
    /// <summary>The factor L in the place of a symmetric matrix, zeros above the diagonal; false where it is not positive definite.</summary>
    public static bool TryFactor(double[] matrix, int n)
    {
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double rest = matrix[(i * n) + j] - Dot(matrix.AsSpan(i * n, j), matrix.AsSpan(j * n, j));
                if (i > j)
                {
                    matrix[(i * n) + j] = rest / matrix[(j * n) + j];
                }
                else if (rest > 0)
                {
                    matrix[(i * n) + i] = Math.Sqrt(rest);
                }
                else
                {
                    return false;
                }
            }

            matrix.AsSpan((i * n) + i + 1, n - i - 1).Clear();
        }

        return true;
    }

    /// <summary>The solution of L L^T x = y in the place of y.</summary>
    public static void Solve(double[] factor, int n, double[] y)
    {
        for (int i = 0; i < n; i++)
        {
            y[i] = (y[i] - Dot(factor.AsSpan(i * n, i), y.AsSpan(0, i))) / factor[(i * n) + i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            for (int j = i + 1; j < n; j++)
            {
                y[i] -= factor[(j * n) + i] * y[j];
            }

            y[i] /= factor[(i * n) + i];
        }
    }

    /// <summary>&lt;x, y&gt;, summed in order.</summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }
}
