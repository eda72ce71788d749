namespace Hesse.Eigen;

/// <summary>
/// Symmetric matrices of order k as vectors of d = k (k + 1) / 2 coordinates: the lower triangle row by row with the entries off the diagonal
/// times sqrt 2, so that &lt;X, Y&gt; = tr X Y is the product of the coordinates.
/// </summary>
internal static class SymmetricCoordinates
{
    private static readonly double s_root = Math.Sqrt(2);

    /// <summary>d of matrices of order k.</summary>
    public static int Count(int order) => order * (order + 1) / 2;

    /// <summary>Place of an entry, row &gt;= column.</summary>
    public static int Place(int row, int column) => (row * (row + 1) / 2) + column;

    /// <summary>What an entry is multiplied with.</summary>
    public static double Weight(int row, int column) => row == column ? 1 : s_root;

    /// <summary>L E L^T for each unit matrix E: (e_i e_j^T + e_j e_i^T) / sqrt 2, e_i e_i^T on the diagonal. (d,d)</summary>
    public static double[] Congruence(int order, double[] factor)
    {
        int d = Count(order);
        double[] map = new double[d * d];
        for (int i = 0; i < order; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double share = i == j ? 0.5 : 1 / s_root;
                Span<double> image = map.AsSpan(Place(i, j) * d, d);
                for (int row = 0; row < order; row++)
                {
                    for (int column = 0; column <= row; column++)
                    {
                        double product =
                            (factor[(row * order) + i] * factor[(column * order) + j])
                            + (factor[(row * order) + j] * factor[(column * order) + i]);
                        image[Place(row, column)] = Weight(row, column) * share * product;
                    }
                }
            }
        }

        return map;
    }

    /// <summary>Coordinates of L L^T.</summary>
    public static void Square(int order, double[] factor, Span<double> coordinates)
    {
        for (int row = 0; row < order; row++)
        {
            for (int column = 0; column <= row; column++)
            {
                double product = Cholesky.Dot(factor.AsSpan(row * order, order), factor.AsSpan(column * order, order));
                coordinates[Place(row, column)] = Weight(row, column) * product;
            }
        }
    }

    /// <summary>The matrix of coordinates. (k,k)</summary>
    public static double[] Matrix(int order, ReadOnlySpan<double> coordinates)
    {
        double[] matrix = new double[order * order];
        for (int row = 0; row < order; row++)
        {
            for (int column = 0; column <= row; column++)
            {
                double value = coordinates[Place(row, column)] / Weight(row, column);
                matrix[(row * order) + column] = value;
                matrix[(column * order) + row] = value;
            }
        }

        return matrix;
    }
}
