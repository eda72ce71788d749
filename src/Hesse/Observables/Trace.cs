using System.Globalization;
using Hesse.Backends.Cpu;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// trace: tr H. Method exact: the sum of the diagonal, in the order of the parameters. hutchinson: the mean of v^T H v over Rademacher
/// vectors v (Hutchinson 1990). hutch++: tr(Q^T H Q) with an orthonormal basis Q of H S for as many Rademacher vectors S, and the mean of
/// w^T H w over the w = (I - Q Q^T) v (Meyer, Musco, Musco, Woodruff 2021). The estimates have part standard-error. automatic: exact up to
/// P = <see cref="HessianDiagonal.ExactUpTo"/>, hutch++ above.
/// </summary>
internal sealed class Trace : IQuantity
{
    private string _method = "automatic";
    private int _probes = 30;

    public string Name => "trace";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        Estimates(network) ? [new(null, []), new("standard-error", [])] : [new(null, [])];

    // hutchinson: probes and products. hutch++: bases, their vectors and images, probes and products.
    public long WorkSpace(Network network) =>
        !Estimates(network) ? network.ParameterCount
        : _method == "hutchinson" ? 2L * _probes * network.ParameterCount
        : 5L * _probes * network.ParameterCount;

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        Estimates(network)
            ? ThreadSpace.OfBlocks(network, samples, Precision.Float64, many: true)
            : ThreadSpace.OfAssembly(network, samples, precision);

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new Trace
        {
            _method = options["method"].Trim('"'),
            _probes = int.Parse(options["probes"], CultureInfo.InvariantCulture),
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        if (!Estimates(snapshot.Network))
        {
            Exact(snapshot, values);
        }
        else if (_method == "hutchinson")
        {
            Hutchinson(snapshot, values);
        }
        else
        {
            HutchPlusPlus(snapshot, values);
        }
    }

    private bool Estimates(Network network) =>
        _method == "automatic" ? network.ParameterCount > HessianDiagonal.ExactUpTo : _method != "exact";

    private static void Exact(Snapshot snapshot, Span<double> values)
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

    private void Hutchinson(Snapshot snapshot, Span<double> values)
    {
        double[] probes = ProbeVectors.Signs(snapshot, 0, _probes);
        double[] products = ProbeVectors.Products(snapshot, probes);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            (values[2 * r], values[(2 * r) + 1]) = ProbeVectors.Mean(Forms(snapshot, r, probes, products));
        }
    }

    private void HutchPlusPlus(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        double[] vectors = ProbeVectors.Signs(snapshot, 0, _probes);
        double[] images = ProbeVectors.Products(snapshot, vectors);
        KrylovBasis[] bases = new KrylovBasis[snapshot.Replicas];
        Array.Clear(vectors);
        double[] probes = ProbeVectors.Signs(snapshot, _probes, _probes);
        double[] coefficients = new double[_probes];
        for (int r = 0; r < bases.Length; r++)
        {
            bases[r] = ProbeVectors.Basis(images.AsSpan(r * _probes * p, _probes * p), p);
            for (int v = 0; v < _probes; v++)
            {
                int at = ((r * _probes) + v) * p;
                if (v < bases[r].Count)
                {
                    bases[r][v].CopyTo(vectors.AsSpan(at));
                }

                bases[r].Orthogonalise(probes.AsSpan(at, p), coefficients.AsSpan(0, bases[r].Count));
            }
        }

        ProbeVectors.Multiply(snapshot, vectors, images);
        double[] products = ProbeVectors.Products(snapshot, probes);
        for (int r = 0; r < bases.Length; r++)
        {
            double within = 0;
            foreach (double form in Forms(snapshot, r, vectors, images))
            {
                within += form;
            }

            (double mean, double error) = ProbeVectors.Mean(Forms(snapshot, r, probes, products));
            values[2 * r] = within + mean;
            values[(2 * r) + 1] = error;
        }
    }

    // v^T H v of a replica's vectors.
    private double[] Forms(Snapshot snapshot, int replica, double[] vectors, double[] products)
    {
        int p = snapshot.Network.ParameterCount;
        double[] forms = new double[_probes];
        for (int v = 0; v < _probes; v++)
        {
            int at = ((replica * _probes) + v) * p;
            forms[v] = KrylovBasis.Dot(vectors.AsSpan(at, p), products.AsSpan(at, p));
        }

        return forms;
    }
}
