using System.Globalization;
using Hesse.Backends.Cpu;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// hessian-diagonal: diag H. Method exact: assembled by layers without the rest of the matrix. hutchinson: the mean of v * (H v), entry by
/// entry, over Rademacher vectors v (Bekas, Kokiopoulou, Saad 2007), with part standard-error. automatic: exact up to P =
/// <see cref="ExactUpTo"/>, where layers become so wide that the cubes of their widths cost more than the products.
/// </summary>
internal sealed class HessianDiagonal : IQuantity
{
    /// <summary>The largest P whose diagonal is computed exactly unless asked otherwise.</summary>
    public const int ExactUpTo = 1_000_000;

    private string _method = "automatic";
    private int _probes = 30;

    public string Name => "hessian-diagonal";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [network.ParameterCount];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples)
    {
        QuantityPart diagonal = new(null, ElementShape(network, samples));
        return Estimates(network) ? [diagonal, diagonal with { Name = "standard-error" }] : [diagonal];
    }

    public long WorkSpace(Network network) => Estimates(network) ? 2L * _probes * network.ParameterCount : 0;

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        Estimates(network)
            ? ThreadSpace.OfBlocks(network, samples, Precision.Float64, many: true)
            : ThreadSpace.OfAssembly(network, samples, precision);

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new HessianDiagonal
        {
            _method = options["method"].Trim('"'),
            _probes = int.Parse(options["probes"], CultureInfo.InvariantCulture),
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        if (!Estimates(snapshot.Network))
        {
            snapshot.Backend.HessianDiagonal(snapshot.Points, values);
            return;
        }

        int p = snapshot.Network.ParameterCount;
        double[] probes = ProbeVectors.Signs(snapshot, 0, _probes);
        double[] products = ProbeVectors.Products(snapshot, probes);
        double[] samples = new double[_probes];
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            for (int i = 0; i < p; i++)
            {
                for (int v = 0; v < _probes; v++)
                {
                    int at = (((r * _probes) + v) * p) + i;
                    samples[v] = probes[at] * products[at];
                }

                (values[(2 * r * p) + i], values[(((2 * r) + 1) * p) + i]) = ProbeVectors.Mean(samples);
            }
        }
    }

    private bool Estimates(Network network) =>
        _method == "automatic" ? network.ParameterCount > ExactUpTo : _method != "exact";
}
