namespace Hesse.Eigen;

/// <summary>
/// Gauss quadrature of the measure sum_i (u_i . v)^2 delta(lambda - lambda_i) of a symmetric matrix and a unit vector v: nodes are the
/// eigenvalues of Lanczos' tridiagonal matrix, weights the squared first components of its eigenvectors (Golub and Welsch,
/// Math. Comp. 23, 1969). Averaged over random v the measure is the spectral density.
/// </summary>
public static class Quadrature
{
    /// <summary>Nodes ascending, with weights whose sum is 1.</summary>
    /// <param name="start">v, of any length but 0.</param>
    /// <param name="product">Multiplies with the matrix.</param>
    /// <param name="nodes">(m). Where the Krylov space is exhausted early the last node is repeated, with weight 0.</param>
    /// <param name="weights">(m); NaN with the nodes where a product is not finite.</param>
    public static void Lanczos(
        ReadOnlySpan<double> start,
        SymmetricProduct product,
        Span<double> nodes,
        Span<double> weights
    ) => Lanczos(start, product, nodes, weights, spare: null);

    internal static void Lanczos(
        ReadOnlySpan<double> start,
        SymmetricProduct product,
        Span<double> nodes,
        Span<double> weights,
        SpareVectors? spare
    )
    {
        int steps = nodes.Length;
        double[] diagonal = new double[steps];
        double[] beside = new double[steps];
        int made = Eigen.Lanczos.Tridiagonalise(start, product, diagonal, beside, spare);
        FromTridiagonal(diagonal.AsSpan(0, made), beside.AsSpan(0, made), nodes, weights);
    }

    /// <summary>The rule of a tridiagonal matrix that Lanczos' method made.</summary>
    /// <param name="diagonal">alpha. (made)</param>
    /// <param name="beside">beta: element i couples i and i + 1; the last one is not read. (made)</param>
    /// <param name="nodes">(m), ascending; from `made` on the last one is repeated, with weight 0.</param>
    /// <param name="weights">(m); NaN with the nodes where the matrix is not finite.</param>
    internal static void FromTridiagonal(
        ReadOnlySpan<double> diagonal,
        ReadOnlySpan<double> beside,
        Span<double> nodes,
        Span<double> weights
    )
    {
        int made = diagonal.Length;
        double[] matrix = new double[made * made];
        for (int i = 0; i < made; i++)
        {
            matrix[(i * made) + i] = diagonal[i];
            if (i > 0)
            {
                matrix[(i * made) + i - 1] = beside[i - 1];
            }
        }

        double[] vectors = new double[made * made];
        using EigenWorkspace<double> workspace = new(made, vectors: true);
        SymmetricEigen.ValuesAndVectors<double>(matrix, made, nodes[..made], vectors, workspace);
        for (int i = 0; i < made; i++)
        {
            weights[i] = vectors[i * made] * vectors[i * made];
        }

        nodes[made..].Fill(nodes[made - 1]);
        weights[made..].Fill(double.IsNaN(nodes[made - 1]) ? double.NaN : 0);
    }
}
