using System.Globalization;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// gradient-alignment: sum over the k largest eigenvalues of H of (u_i . g)^2 / ||g||^2, the share of the gradient in their space;
/// 0 where g is 0. k beyond P means all P.
/// </summary>
internal sealed class GradientAlignment : IQuantity
{
    private const double Tolerance = 1e-9;

    private int _k = 15;

    public string Name => "gradient-alignment";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public long WorkSpace(Network network) => HessianEigenpairs.Space(network, _k);

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        ThreadSpace.OfEigenpairs(network, samples, Math.Min(_k, network.ParameterCount));

    public long HostSpace(Network network, int samples) => HessianEigenpairs.DeviceSpace(network, _k);

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new GradientAlignment { _k = int.Parse(options["k"], CultureInfo.InvariantCulture) };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        int k = Math.Min(_k, p);
        int width = EigenpairRequest.Heading + p;
        double[] pairs = HessianEigenpairs.Of(snapshot, k, 0, Tolerance);
        double[] gradients = new double[(long)snapshot.Replicas * p];
        snapshot.Backend.Gradient(snapshot.DoublePoints, gradients);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            ReadOnlySpan<double> gradient = gradients.AsSpan(r * p, p);
            double within = 0;
            for (int i = 0; i < k; i++)
            {
                double along = KrylovBasis.Dot(
                    pairs.AsSpan((((r * k) + i) * width) + EigenpairRequest.Heading, p),
                    gradient
                );
                within = Math.FusedMultiplyAdd(along, along, within);
            }

            double all = KrylovBasis.Dot(gradient, gradient);
            values[r] = all == 0 ? 0 : within / all;
        }
    }
}
