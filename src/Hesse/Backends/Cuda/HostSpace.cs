using Hesse.Eigen;

namespace Hesse.Backends.Cuda;

/// <summary>
/// What the processor holds of each replica of a batch while a device works for all of them: matrices of which it finds some eigenpairs,
/// and bases of Lanczos' method. Counted in double numbers, and by the memory budget.
/// </summary>
internal static class HostSpace
{
    /// <summary>Bytes for one device: enough for every thread to take several matrices of any order that is usual.</summary>
    public const long Usual = 1L << 30;

    // V^T A V twice and the most that its eigenpairs take.
    private const int ProjectedMatrices = 7;

    /// <summary>Replicas that a device works for at once when each takes so many numbers; at least one.</summary>
    /// <param name="numbers">Of one replica.</param>
    /// <param name="bytes">For all of them.</param>
    public static int Replicas(long numbers, long bytes = Usual) =>
        (int)Math.Clamp(bytes / (sizeof(double) * numbers), 1, int.MaxValue);

    /// <summary>Numbers for pairs of the Hessian: the assembled matrix with the vectors, or <see cref="OfKrylov"/>.</summary>
    /// <param name="order">p</param>
    /// <param name="pairs">Eigenpairs.</param>
    /// <param name="method">How they are found.</param>
    public static long OfHessian(int order, int pairs, EigenpairMethod method) =>
        EigenpairRequest.Assembles(method, order) ? OfMatrix(order, order, pairs) : OfKrylov(order, pairs);

    /// <summary>Numbers for pairs of M: the smaller of M and the Gram matrix, with eigenvectors of that and of M.</summary>
    /// <param name="order">p</param>
    /// <param name="samples">N</param>
    /// <param name="pairs">Eigenpairs.</param>
    public static long OfSecondMoment(int order, int samples, int pairs) =>
        OfMatrix(Math.Min(samples, order), samples <= order ? samples + order : order, pairs);

    /// <summary>Numbers for Lanczos' method: basis, image, what is multiplied and its product, and the pairs twice, when they are written.</summary>
    /// <param name="order">p</param>
    /// <param name="pairs">Eigenpairs.</param>
    public static long OfKrylov(int order, int pairs)
    {
        const int ownVectors = 4; // image, scaled direction, direction and product as the device has them
        long capacity = Lanczos.Capacity(order, pairs);
        return ((capacity + ownVectors) * order)
            + (2L * pairs * (EigenpairRequest.Heading + order))
            + (ProjectedMatrices * capacity * capacity);
    }

    private static long OfMatrix(long order, long vectors, long pairs) => (order * order) + (pairs * vectors);
}
