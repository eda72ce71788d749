using System.Numerics.Tensors;

namespace Hesse.Eigen;

/// <summary>Eigenpairs of a second moment: how they are found, and eigenvectors of length 1.</summary>
internal static class MomentPairs
{
    /// <summary>
    /// Up to this min(N,P) the Gram matrix, or M, is assembled; beyond, processors multiply with M. 8 MB of a matrix are at hand for every thread, 20 GB,
    /// for the 50,000 samples of MNIST, are not.
    /// </summary>
    public const int AssembledUpTo = 1024;

    // Eigenvalues below this share of the largest, for each row of the matrix, are rounding of 0.
    private const double Rounding = 1e-15;

    /// <summary>Divides each vector by its length; pairs whose eigenvalue is 0 to rounding become 0.</summary>
    /// <param name="p">P</param>
    /// <param name="samples">N</param>
    /// <param name="count">Pairs.</param>
    /// <param name="pairs">Eigenvalue and vector, eigenvalues descending. (count,1+P)</param>
    public static void Normalise(int p, int samples, int count, Span<double> pairs)
    {
        double least = Rounding * Math.Max(p, samples) * pairs[0];
        for (int i = 0; i < count; i++)
        {
            Span<double> pair = pairs.Slice(i * (1 + p), 1 + p);
            double length = KrylovBasis.Norm(pair[1..]);
            if (pair[0] <= least || length == 0)
            {
                pair.Clear();
            }
            else
            {
                TensorPrimitives.Divide(pair[1..], length, pair[1..]);
            }
        }
    }
}
