using Hesse.Backends;
using Hesse.Backends.Cuda;
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
    /// <param name="method">How they are found.</param>
    public static double[] Of(
        Snapshot snapshot,
        int largest,
        int smallest,
        double tolerance,
        ReadOnlyMemory<double> diagonal = default,
        ReadOnlyMemory<double> starts = default,
        EigenpairMethod method = EigenpairMethod.Automatic
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
            Method = method,
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

    /// <summary>Numbers of a replica that the processor holds while a CUDA device works for many.</summary>
    public static long DeviceSpace(Network network, int count, EigenpairMethod method = EigenpairMethod.Automatic) =>
        HostSpace.OfHessian(network.ParameterCount, Math.Min(count, network.ParameterCount), method);

    /// <summary>The value of option method.</summary>
    public static EigenpairMethod Method(IReadOnlyDictionary<string, string> options) =>
        options.TryGetValue("method", out string? method)
            ? method switch
            {
                "\"exact\"" => EigenpairMethod.Exact,
                "\"lanczos\"" => EigenpairMethod.Lanczos,
                _ => EigenpairMethod.Automatic,
            }
            : EigenpairMethod.Automatic;
}
