using Hesse.Backends;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>gradient-norm: ||g|| of the mean training loss.</summary>
internal sealed class GradientNorm : IQuantity
{
    public string Name => "gradient-norm";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public void Evaluate(Snapshot snapshot, Span<double> values) => Of(snapshot.Backend, snapshot.Points, values);

    /// <summary>Norms of the gradients of points, single sums in ascending order. (R)</summary>
    public static void Of(IBackend backend, Points points, Span<double> values)
    {
        int p = points.Network.ParameterCount;
        double[] gradient = new double[(long)points.Replicas * p];
        backend.Gradient(points, gradient);
        for (int r = 0; r < points.Replicas; r++)
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
