using Hesse.Backends.Cpu;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// layer-spectra: all eigenvalues of the diagonal block of H that belongs to (W_l, b_l), ascending; part l = 1 .. L holds layer
/// l. (p_l) each, p_l = d_l (d_{l-1} + [bias_l])
/// </summary>
internal sealed class LayerSpectra : IQuantity
{
    public string Name => "layer-spectra";

    public bool NeedsParameters => true;

    // The assembled blocks, a copy of one and the work space of its eigenvalues.
    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision)
    {
        long largest = Enumerable
            .Range(1, network.Layers)
            .Max(layer => network.WeightOffset(layer + 1) - network.WeightOffset(layer));
        return
        [
            .. ThreadSpace.OfAssembly(network, samples, precision),
            .. ThreadSpace.OfMatrix(network.ParameterCount, precision),
            .. ThreadSpace.OfCopy(largest, precision),
            .. ThreadSpace.OfEigenvalues(largest, precision),
        ];
    }

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [network.ParameterCount];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [
            .. Enumerable
                .Range(1, network.Layers)
                .Select(layer => new QuantityPart(
                    $"{layer}",
                    [network.WeightOffset(layer + 1) - network.WeightOffset(layer)]
                )),
        ];

    // The layers one after the other are the parts one after the other.
    public void Evaluate(Snapshot snapshot, Span<double> values) =>
        snapshot.Backend.LayerSpectra(snapshot.Points, values);
}
