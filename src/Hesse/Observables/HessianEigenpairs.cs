using Hesse.Backends;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>The eigenpairs of H that several quantities are made of, with the memory that they take.</summary>
internal static class HessianEigenpairs
{
    /// <summary>The pairs of a snapshot, in double whatever the observation precision is. (R, Count, 4 + P)</summary>
    /// <param name="snapshot">The replicas.</param>
    /// <param name="largest">How many of the largest.</param>
    /// <param name="smallest">How many of the smallest.</param>
    /// <param name="tolerance">Of the residuals.</param>
    /// <param name="diagonal">D for the pairs of D H D, (R,P); empty for those of H.</param>
    /// <param name="starts">Directions from which Lanczos' method begins, (R,P); empty for random ones.</param>
    public static double[] Of(
        Snapshot snapshot,
        int largest,
        int smallest,
        double tolerance,
        ReadOnlyMemory<double> diagonal = default,
        ReadOnlyMemory<double> starts = default
    )
    {
        EigenpairRequest request = new()
        {
            Largest = largest,
            Smallest = smallest,
            Tolerance = tolerance,
            Seed = snapshot.Seed,
            Step = snapshot.Step,
            ReplicaNumbers = snapshot.ReplicaNumbers,
            Diagonal = diagonal,
            Starts = starts,
        };
        double[] pairs = new double[
            (long)snapshot.Replicas * request.Count * (EigenpairRequest.Heading + snapshot.Network.ParameterCount)
        ];
        snapshot.Backend.HessianEigenpairs(snapshot.DoublePoints, request, pairs);
        return pairs;
    }

    /// <summary>Numbers of the pairs of a replica.</summary>
    public static long Space(Network network, int count) =>
        (long)count * (EigenpairRequest.Heading + network.ParameterCount);

    /// <summary>Numbers that a thread holds: matrix, vectors and work space of all pairs, or the basis and images of Lanczos' method.</summary>
    public static long ThreadSpace(Network network, int count)
    {
        long p = network.ParameterCount;
        return p <= EigenpairRequest.ExactUpTo ? 5 * p * p : p * (Lanczos.Capacity((int)p, count) + count + 2);
    }
}
