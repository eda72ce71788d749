using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// consecutive-gradient-cosine: g_t . g_{t-1} / (||g_t|| ||g_{t-1}||) of the gradients of the mean loss over the mini-batches of
/// steps t and t - 1, each at its own parameters; 0 where a gradient is 0, NaN at t = 0.
/// </summary>
internal sealed class ConsecutiveGradientCosine : IQuantity
{
    public string Name => "consecutive-gradient-cosine";

    public bool NeedsParameters => true;

    public int Neighbour => -1;

    public string? NeedsTraining => "the mini-batches of two steps of a training";

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public long WorkSpace(Network network) => 2L * network.ParameterCount;

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        if (snapshot.NeighbourParameters.IsEmpty)
        {
            values.Fill(double.NaN);
            return;
        }

        int p = snapshot.Network.ParameterCount;
        double[] now = new double[(long)snapshot.Replicas * p];
        double[] before = new double[now.Length];
        snapshot.Backend.Gradient(snapshot.BatchPoints(snapshot.Step, snapshot.Parameters), now);
        snapshot.Backend.Gradient(snapshot.BatchPoints(snapshot.Step - 1, snapshot.NeighbourParameters), before);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            ReadOnlySpan<double> g = now.AsSpan(r * p, p);
            ReadOnlySpan<double> h = before.AsSpan(r * p, p);
            double norms = KrylovBasis.Norm(g) * KrylovBasis.Norm(h);
            values[r] = norms == 0 ? 0 : Math.Clamp(KrylovBasis.Dot(g, h) / norms, -1, 1);
        }
    }
}
