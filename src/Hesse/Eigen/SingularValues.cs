namespace Hesse.Eigen;

/// <summary>
/// Singular values of a small square matrix by one-sided Jacobi rotations (Hestenes 1958): rows are turned against each other
/// until they are orthogonal; their lengths are the singular values, small ones to the same relative accuracy as large ones.
/// </summary>
internal static class SingularValues
{
    private const int MostSweeps = 60;

    // Rows count as orthogonal when the cosine between them is below this.
    private const double Orthogonal = 1e-15;

    /// <summary>All singular values, descending.</summary>
    /// <param name="matrix">(n,n), overwritten.</param>
    /// <param name="n">Its size.</param>
    /// <param name="values">(n); NaN where the matrix holds a value that is not finite.</param>
    public static void Of(Span<double> matrix, int n, Span<double> values)
    {
        bool rotated = true;
        for (int sweep = 0; sweep < MostSweeps && rotated; sweep++)
        {
            rotated = false;
            for (int i = 0; i < n; i++)
            {
                for (int j = i + 1; j < n; j++)
                {
                    rotated |= Rotate(matrix.Slice(i * n, n), matrix.Slice(j * n, n));
                }
            }
        }

        for (int i = 0; i < n; i++)
        {
            values[i] = KrylovBasis.Norm(matrix.Slice(i * n, n));
        }

        values.Sort();
        values.Reverse();
    }

    private static bool Rotate(Span<double> first, Span<double> second)
    {
        double a = KrylovBasis.Dot(first, first);
        double b = KrylovBasis.Dot(second, second);
        double along = KrylovBasis.Dot(first, second);

        // Not the opposite comparison: NaN ends here.
        if (!(Math.Abs(along) > Orthogonal * Math.Sqrt(a * b)))
        {
            return false;
        }

        double ratio = (b - a) / (2 * along);
        double tangent = (ratio >= 0 ? 1 : -1) / (Math.Abs(ratio) + Math.Sqrt(Math.FusedMultiplyAdd(ratio, ratio, 1)));
        double cosine = 1 / Math.Sqrt(Math.FusedMultiplyAdd(tangent, tangent, 1));
        double sine = tangent * cosine;
        for (int k = 0; k < first.Length; k++)
        {
            (first[k], second[k]) = (
                (cosine * first[k]) - (sine * second[k]),
                (sine * first[k]) + (cosine * second[k])
            );
        }

        return true;
    }
}
