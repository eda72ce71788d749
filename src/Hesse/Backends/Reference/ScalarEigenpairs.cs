namespace Hesse.Backends.Reference;

/// <summary>
/// Eigenvalues and vectors of a symmetric matrix by Jacobi's method: rotations in the planes (i, j) that make a_ij zero, sweep after
/// sweep, until nothing is left beside the diagonal.
/// </summary>
internal static class ScalarEigenpairs
{
    private const int MostSweeps = 60;

    /// <summary>All pairs; NaN where the matrix holds a value that is not finite.</summary>
    /// <param name="matrix">(n,n), symmetric; overwritten.</param>
    /// <param name="n">Its size.</param>
    /// <param name="values">(n), ascending.</param>
    /// <param name="vectors">(n,n), row k belongs to value k.</param>
    public static void Of(double[] matrix, int n, double[] values, double[] vectors)
    {
        if (Array.Exists(matrix, entry => !double.IsFinite(entry)))
        {
            Array.Fill(values, double.NaN);
            Array.Fill(vectors, double.NaN);
            return;
        }

        double[] rows = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            rows[(i * n) + i] = 1;
        }

        bool rotated = true;
        for (int sweep = 0; sweep < MostSweeps && rotated; sweep++)
        {
            rotated = false;
            for (int i = 0; i < n; i++)
            {
                for (int j = i + 1; j < n; j++)
                {
                    rotated |= Rotate(matrix, rows, n, i, j);
                }
            }
        }

        double[] diagonal = [.. Enumerable.Range(0, n).Select(i => matrix[(i * n) + i])];
        int[] order = [.. Enumerable.Range(0, n).OrderBy(i => diagonal[i])];
        for (int k = 0; k < n; k++)
        {
            values[k] = diagonal[order[k]];
            rows.AsSpan(order[k] * n, n).CopyTo(vectors.AsSpan(k * n));
        }
    }

    // A <- G A G^T, V <- G V with the rotation G of rows i and j that takes a_ij away; false where nothing is left to take.
    private static bool Rotate(double[] a, double[] v, int n, int i, int j)
    {
        double beside = a[(i * n) + j];
        double first = a[(i * n) + i];
        double second = a[(j * n) + j];
        if (Math.Abs(beside) <= 1e-17 * Math.Sqrt(Math.Abs(first) * Math.Abs(second)) || Math.Abs(beside) < 1e-150)
        {
            return false;
        }

        double ratio = (second - first) / (2 * beside);
        double tangent = (ratio >= 0 ? 1 : -1) / (Math.Abs(ratio) + Math.Sqrt(Math.FusedMultiplyAdd(ratio, ratio, 1)));
        double cosine = 1 / Math.Sqrt(Math.FusedMultiplyAdd(tangent, tangent, 1));
        double sine = tangent * cosine;
        for (int k = 0; k < n; k++)
        {
            (a[(i * n) + k], a[(j * n) + k]) = Turned(a[(i * n) + k], a[(j * n) + k], cosine, sine);
            (v[(i * n) + k], v[(j * n) + k]) = Turned(v[(i * n) + k], v[(j * n) + k], cosine, sine);
        }

        for (int k = 0; k < n; k++)
        {
            (a[(k * n) + i], a[(k * n) + j]) = Turned(a[(k * n) + i], a[(k * n) + j], cosine, sine);
        }

        a[(i * n) + j] = 0;
        a[(j * n) + i] = 0;
        return true;
    }

    private static (double First, double Second) Turned(double x, double y, double cosine, double sine) =>
        ((cosine * x) - (sine * y), (sine * x) + (cosine * y));
}
