using System.Globalization;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// spectral-density: stochastic Lanczos quadrature of the Hessian's spectrum. Parts nodes and weights, (probes, iterations) each:
/// the mean over the probes of sum_i weight_i f(node_i) estimates tr f(H) / P.
/// </summary>
internal sealed class SpectralDensity : IQuantity
{
    private int _probes = 10;
    private int _iterations = 80;

    public string Name => "spectral-density";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [2, _probes, _iterations];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [new("nodes", [_probes, _iterations]), new("weights", [_probes, _iterations])];

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        ThreadSpace.OfQuadrature(network, samples, _iterations);

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new SpectralDensity
        {
            _probes = int.Parse(options["probes"], CultureInfo.InvariantCulture),
            _iterations = int.Parse(options["iterations"], CultureInfo.InvariantCulture),
        };

    public void Evaluate(Snapshot snapshot, Span<double> values) =>
        snapshot.Backend.LanczosQuadrature(
            snapshot.DoublePoints,
            new QuadratureRequest
            {
                Probes = _probes,
                Iterations = _iterations,
                Seed = snapshot.Seed,
                Step = snapshot.Step,
                ReplicaNumbers = snapshot.ReplicaNumbers,
            },
            values
        );
}
