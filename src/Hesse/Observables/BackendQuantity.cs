using Hesse.Backends;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>A quantity that is one operation of the backend on points.</summary>
/// <param name="name">Its name.</param>
/// <param name="shape">Shape of one replica's value from the net and N.</param>
/// <param name="operation">The operation.</param>
/// <param name="matrices">P x P matrices that a thread holds meanwhile.</param>
internal sealed class BackendQuantity(
    string name,
    Func<Network, int, IReadOnlyList<long>> shape,
    BackendOperation operation,
    int matrices = 0
) : IQuantity
{
    public string Name => name;

    public bool NeedsParameters => true;

    public long ThreadSpace(Network network) => (long)matrices * network.ParameterCount * network.ParameterCount;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => shape(network, samples);

    public void Evaluate(Snapshot snapshot, Span<double> values) =>
        operation(snapshot.Backend, snapshot.Points, values);
}

/// <summary>Runs one operation of a backend.</summary>
internal delegate void BackendOperation(IBackend backend, Points points, Span<double> values);
