using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>A quantity that is one operation of the backend on points.</summary>
/// <param name="name">Its name.</param>
/// <param name="shape">Shape of one replica's value from the net and N.</param>
/// <param name="operation">The operation.</param>
/// <param name="held">What a thread takes, if not a net alone.</param>
internal sealed class BackendQuantity(
    string name,
    Func<Network, int, IReadOnlyList<long>> shape,
    BackendOperation operation,
    HeldByThread? held = null
) : IQuantity
{
    public string Name => name;

    public bool NeedsParameters => true;

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        held?.Invoke(network, samples, precision) ?? ThreadSpace.OfNet(network, samples, precision);

    public IReadOnlyList<long> ElementShape(Network network, int samples) => shape(network, samples);

    public void Evaluate(Snapshot snapshot, Span<double> values) =>
        operation(snapshot.Backend, snapshot.Points, values);
}

/// <summary>Runs one operation of a backend.</summary>
internal delegate void BackendOperation(IBackend backend, Points points, Span<double> values);

/// <summary>What a thread takes for an operation.</summary>
internal delegate IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision);
