using Hesse.Networks;
using Hesse.Stores;

namespace Hesse.Observables;

/// <summary>parameters: theta_t in the training precision.</summary>
internal sealed class ParametersQuantity : IQuantity
{
    public string Name => "parameters";

    public bool NeedsParameters => true;

    public NpyType TypeFor(Precision training) => training == Precision.Float32 ? NpyType.Float32 : NpyType.Float64;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [network.ParameterCount];

    public void Evaluate(Snapshot snapshot, Span<double> values) => snapshot.Parameters.Span.CopyTo(values);
}
