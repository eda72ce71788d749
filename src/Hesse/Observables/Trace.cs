using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>trace: sum of the Hessian's diagonal, exact, in the order of the parameters.</summary>
internal sealed class Trace : IQuantity
{
    public string Name => "trace";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        double[] diagonal = new double[(long)snapshot.Replicas * p];
        snapshot.Backend.HessianDiagonal(snapshot.Points, diagonal);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            double sum = 0;
            foreach (double entry in diagonal.AsSpan(r * p, p))
            {
                sum += entry;
            }

            values[r] = sum;
        }
    }
}
