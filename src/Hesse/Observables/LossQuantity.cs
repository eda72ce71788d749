using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>loss, test-loss: mean of l(z_L, y) over the samples.</summary>
internal sealed class LossQuantity(string name, bool test) : IQuantity
{
    public string Name => name;

    public bool NeedsParameters => false;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        if (snapshot.InTraining is { } inTraining)
        {
            inTraining(test, values, []);
        }
        else
        {
            snapshot.Backend.Loss(test ? snapshot.TestPoints : snapshot.Points, values);
        }
    }
}
