using Hesse.Backends.Stepwise;
using Hesse.Networks;

namespace Hesse.Backends.Reference;

/// <summary>
/// The oracle: scalar, double, plain loops, each operation in the file of its name as docs/numerics.md writes it. Always there,
/// never fast. It computes in double whatever precision is asked for.
/// </summary>
public sealed partial class ReferenceBackend : IBackend, IStepwiseBackend
{
    /// <inheritdoc/>
    public string Name => "reference";

    int IStepwiseBackend.Threads => 1;

    /// <inheritdoc/>
    public IReplicas CreateReplicas(Wave wave) =>
        StepwiseRules.CanTrain(wave.Problem)
            ? ReplicasInTurn.Of(wave, group => StepwiseRules.Create(group, this))
            : new ReferenceReplicas(wave);

    /// <summary>Holds nothing.</summary>
    public void Dispose() { }

    void IStepwiseBackend.Split(int items, Action<int, int> work)
    {
        for (int item = 0; item < items; item++)
        {
            work(0, item);
        }
    }

    Precision IStepwiseBackend.Keeps(Precision asked) => Precision.Float64;

    IVectorUpdates IStepwiseBackend.CreateUpdates(TrainingProblem problem, int vectors) =>
        new VectorUpdates(problem, vectors);

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
