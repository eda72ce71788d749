using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>gradient-norm: ||g|| of the mean training loss.</summary>
internal sealed class GradientNorm : IQuantity
{
    public string Name => "gradient-norm";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        double[] gradient = new double[(long)snapshot.Replicas * p];
        snapshot.Backend.Gradient(snapshot.Points, gradient);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            double squares = 0;
            foreach (double entry in gradient.AsSpan(r * p, p))
            {
                squares = Math.FusedMultiplyAdd(entry, entry, squares);
            }

            values[r] = Math.Sqrt(squares);
        }
    }
}
