using System.Globalization;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// principal-angles: cosines of the principal angles between the spaces of the k largest eigenvalues of H and of M, descending: the
/// singular values of U^T V with orthonormal eigenvectors U of H and V of M. (k) Where H or M has fewer than k of them (M: positive
/// ones) the missing cosines are 0, so that sum cos^2 / k is the overlap of the two spaces. Part overlaps: |u_i . v_i|. (k)
/// Parts hessian-eigenvalues and second-moment-eigenvalues: those of the u_i and of the v_i, descending; a vector means little where its
/// eigenvalue is 0 to rounding. (k)
/// </summary>
internal sealed class PrincipalAngles : IQuantity
{
    // Vectors are as exact as residual over gap.
    private const double Tolerance = 1e-9;

    private const int PartCount = 4;

    private int _k = 15;

    public string Name => "principal-angles";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [_k];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [
            new(null, [_k]),
            new("overlaps", [_k]),
            new("hessian-eigenvalues", [_k]),
            new("second-moment-eigenvalues", [_k]),
        ];

    public long WorkSpace(Network network) => 2 * HessianEigenpairs.Space(network, _k);

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        [
            .. ThreadSpace.OfEigenpairs(network, samples, Math.Min(_k, network.ParameterCount)),
            .. ThreadSpace.OfMomentPairs(network, samples, _k),
        ];

    public long HostSpace(Network network, int samples) =>
        Math.Max(
            HessianEigenpairs.DeviceSpace(network, _k),
            Backends.Cuda.HostSpace.OfSecondMoment(network.ParameterCount, samples, _k)
        );

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new PrincipalAngles { _k = int.Parse(options["k"], CultureInfo.InvariantCulture) };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        Points points = snapshot.DoublePoints;
        int p = snapshot.Network.ParameterCount;
        int ofHessian = Math.Min(_k, p);
        int ofMoment = Math.Min(ofHessian, points.Samples);
        int hessianWidth = EigenpairRequest.Heading + p;
        double[] hessian = HessianEigenpairs.Of(snapshot, ofHessian, 0, Tolerance);
        double[] moment = new double[(long)snapshot.Replicas * ofMoment * (1 + p)];
        snapshot.Backend.SecondMomentEigenpairs(points, ofMoment, moment);
        double[] products = new double[ofHessian * ofHessian];
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Array.Clear(products);
            for (int i = 0; i < ofHessian; i++)
            {
                ReadOnlySpan<double> u = hessian.AsSpan(
                    (((r * ofHessian) + i) * hessianWidth) + EigenpairRequest.Heading,
                    p
                );
                for (int j = 0; j < ofMoment; j++)
                {
                    ReadOnlySpan<double> v = moment.AsSpan((((r * ofMoment) + j) * (1 + p)) + 1, p);
                    products[(i * ofHessian) + j] = KrylovBasis.Dot(u, v);
                }
            }

            Span<double> parts = values.Slice(PartCount * r * _k, PartCount * _k);
            parts.Clear();
            for (int i = 0; i < ofHessian; i++)
            {
                parts[(2 * _k) + i] = hessian[((r * ofHessian) + i) * hessianWidth];
            }

            for (int i = 0; i < ofMoment; i++)
            {
                parts[(3 * _k) + i] = moment[((r * ofMoment) + i) * (1 + p)];
            }

            Span<double> cosines = parts[.._k];
            Span<double> overlaps = parts.Slice(_k, _k);
            for (int i = 0; i < ofMoment; i++)
            {
                overlaps[i] = Math.Min(1, Math.Abs(products[(i * ofHessian) + i]));
            }

            SingularValues.Of(products, ofHessian, cosines[..ofHessian]);
            int directions = 0;
            while (directions < ofMoment && !(moment[((r * ofMoment) + directions) * (1 + p)] <= 0))
            {
                directions++; // a NaN counts: the cosines of a diverged replica are NaN
            }

            cosines[directions..].Clear();
            foreach (ref double cosine in cosines[..directions])
            {
                cosine = Math.Min(cosine, 1);
            }
        }
    }
}
