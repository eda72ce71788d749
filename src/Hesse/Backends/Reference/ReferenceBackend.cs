namespace Hesse.Backends.Reference;

/// <summary>
/// The oracle: scalar, double, plain loops, each operation in the file of its name as docs/numerics.md writes it. Always there,
/// never fast. It computes in double whatever precision is asked for.
/// </summary>
public sealed partial class ReferenceBackend : IBackend
{
    /// <inheritdoc/>
    public string Name => "reference";

    /// <inheritdoc/>
    public IReplicas CreateReplicas(TrainingProblem problem, int first, int count) =>
        new ReferenceReplicas(problem, first, count);

    /// <summary>Holds nothing.</summary>
    public void Dispose() { }

    // Calls operation(r, results of r) for every replica, after checking that the results have R times the length that they need.
    private static void ForEachReplica(Points points, Span<double> results, long length, PerReplica operation)
    {
        if (results.Length != points.Replicas * length)
        {
            throw new ArgumentException(
                $"{results.Length} numbers were given for the results, {points.Replicas * length} are needed"
            );
        }

        for (int replica = 0; replica < points.Replicas; replica++)
        {
            Span<double> own = results.Slice((int)(replica * length), (int)length);
            own.Clear();
            operation(replica, own);
        }
    }

    private delegate void PerReplica(int replica, Span<double> results);
}
