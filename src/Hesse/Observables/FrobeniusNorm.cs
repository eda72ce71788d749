using Hesse.Backends.Cpu;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// frobenius-norm: ||H||_F. Up to P = <see cref="ExactUpTo"/> from the assembled matrix; above, Hutch++ (Meyer, Musco, Musco, Woodruff
/// 2021) on H^2: with Q an orthonormal basis of H S for <see cref="Sketch"/> normal vectors S,
/// ||H||_F^2 = ||H Q||_F^2 + E ||H (I - Q Q^T) v||^2, the mean over <see cref="Probes"/> normal vectors v, and part standard-error.
/// </summary>
internal sealed class FrobeniusNorm : IQuantity
{
    /// <summary>The largest P whose matrix is assembled: 0.5 GB.</summary>
    public const int ExactUpTo = 8192;

    /// <summary>Vectors of the sketch.</summary>
    public const int Sketch = 20;

    /// <summary>Vectors of the mean.</summary>
    public const int Probes = 40;

    public string Name => "frobenius-norm";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        network.ParameterCount <= ExactUpTo ? [new(null, [])] : [new(null, []), new("standard-error", [])];

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        network.ParameterCount > ExactUpTo
            ? ThreadSpace.OfBlocks(network, samples, Precision.Float64, many: true)
            :
            [
                .. ThreadSpace.OfAssembly(network, samples, precision),
                .. ThreadSpace.OfMatrix(network.ParameterCount, precision),
            ];

    // Bases, their vectors and images; probes and products.
    public long WorkSpace(Network network) =>
        network.ParameterCount <= ExactUpTo ? 0 : ((3L * Sketch) + (2L * Probes)) * network.ParameterCount;

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        if (snapshot.Network.ParameterCount <= ExactUpTo)
        {
            snapshot.Backend.FrobeniusNorm(snapshot.Points, values);
            return;
        }

        Estimate(snapshot, values);
    }

    /// <summary>Norm and standard error of every replica, in double. (R,2)</summary>
    public static void Estimate(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        double[] vectors = ProbeVectors.Normal(snapshot, 0, Sketch);
        double[] images = ProbeVectors.Products(snapshot, vectors);
        KrylovBasis[] bases =
        [
            .. Enumerable
                .Range(0, snapshot.Replicas)
                .Select(r => ProbeVectors.Basis(images.AsSpan(r * Sketch * p, Sketch * p), p)),
        ];
        Array.Clear(vectors);
        for (int r = 0; r < bases.Length; r++)
        {
            for (int j = 0; j < bases[r].Count; j++)
            {
                bases[r][j].CopyTo(vectors.AsSpan(((r * Sketch) + j) * p));
            }
        }

        ProbeVectors.Multiply(snapshot, vectors, images);
        double[] probes = ProbeVectors.Normal(snapshot, Sketch, Probes);
        double[] coefficients = new double[Sketch];
        for (int r = 0; r < bases.Length; r++)
        {
            for (int v = 0; v < Probes; v++)
            {
                Span<double> probe = probes.AsSpan(((r * Probes) + v) * p, p);
                bases[r].Orthogonalise(probe, coefficients.AsSpan(0, bases[r].Count));
            }
        }

        probes = ProbeVectors.Products(snapshot, probes);
        for (int r = 0; r < bases.Length; r++)
        {
            double within = KrylovBasis.Dot(
                images.AsSpan(r * Sketch * p, Sketch * p),
                images.AsSpan(r * Sketch * p, Sketch * p)
            );
            (double mean, double error) = ProbeVectors.Mean(Squares(probes.AsSpan(r * Probes * p, Probes * p), p));
            double norm = Math.Sqrt(within + mean);
            values[2 * r] = norm;
            values[(2 * r) + 1] = norm == 0 ? 0 : error / (2 * norm);
        }
    }

    // ||row||^2 of every row of (Probes,p).
    private static double[] Squares(ReadOnlySpan<double> rows, int p)
    {
        double[] squares = new double[Probes];
        for (int v = 0; v < Probes; v++)
        {
            ReadOnlySpan<double> row = rows.Slice(v * p, p);
            squares[v] = KrylovBasis.Dot(row, row);
        }

        return squares;
    }
}
