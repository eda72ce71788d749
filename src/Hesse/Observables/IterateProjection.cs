using System.Globalization;
using Hesse.Backends;
using Hesse.Eigen;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Observables;

/// <summary>
/// iterate-projection: theta_t . n_j with standard normal vectors n_j, j = 1 .. directions, that depend on the seed alone: all
/// replicas and steps share them. Not scaled, as in the public code of Cohen et al., arXiv 2103.00065. (directions)
/// </summary>
internal sealed class IterateProjection : IQuantity
{
    private int _directions = 2;
    private double[]? _vectors; // (directions, P), drawn once for a wave

    public string Name => "iterate-projection";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [_directions];

    // The vectors are shared; a replica's share of them is no more than this.
    public long WorkSpace(Network network) => (long)_directions * network.ParameterCount;

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new IterateProjection { _directions = int.Parse(options["directions"], CultureInfo.InvariantCulture) };

    public IQuantity ForWave(IBackend backend, Wave wave) =>
        new IterateProjection
        {
            _directions = _directions,
            _vectors = Directions(wave.Problem.Seed, wave.Problem.Network.ParameterCount),
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        double[] vectors = _vectors ?? Directions(snapshot.Seed, p);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            ReadOnlySpan<double> theta = snapshot.Parameters.Span.Slice(r * p, p);
            for (int j = 0; j < _directions; j++)
            {
                values[(r * _directions) + j] = KrylovBasis.Dot(vectors.AsSpan(j * p, p), theta);
            }
        }
    }

    private double[] Directions(ulong seed, int p)
    {
        double[] vectors = new double[(long)_directions * p];
        NormalDeviates.Fill(seed, 0, 0, 0, RandomStream.ProjectionDirections, vectors);
        return vectors;
    }
}
