using Hesse.Backends.Cpu;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>A caller's <see cref="Observer"/> among the quantities, a replica after the other.</summary>
internal sealed class ObserverQuantity(Observer observer) : IQuantity
{
    public string Name => observer.Name;

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => observer.Shape;

    // What the caller's code takes is the caller's.
    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) => [];

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        int length = values.Length / snapshot.Replicas;
        values.Clear();
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            observer.Measure(
                snapshot.ReplicaNumbers[r],
                snapshot.Step,
                snapshot.Parameters.Span.Slice(r * p, p),
                values.Slice(r * length, length)
            );
        }
    }
}
