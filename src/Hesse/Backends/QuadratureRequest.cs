using Hesse.Eigen;
using Hesse.Replicas;

namespace Hesse.Backends;

/// <summary>How the density of the Hessian's spectrum is estimated, and the key of the random probe vectors.</summary>
public sealed record QuadratureRequest
{
    /// <summary>Probe vectors.</summary>
    public required int Probes { get; init; }

    /// <summary>Steps of Lanczos' method for each, nodes of its quadrature.</summary>
    public required int Iterations { get; init; }

    /// <summary>Seed of the experiment.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The step at which the points were taken.</summary>
    public required int Step { get; init; }

    /// <summary>Numbers of the replicas in the experiment. (R)</summary>
    public required IReadOnlyList<int> ReplicaNumbers { get; init; }

    /// <summary>
    /// One replica, from its probe vectors, which may have any length.
    /// </summary>
    /// <param name="replica">Which of the points.</param>
    /// <param name="p">Order of the matrix.</param>
    /// <param name="product">Multiplies with it.</param>
    /// <param name="nodesAndWeights">(2,probes,iterations)</param>
    /// <param name="spare">Where bases come from and go to; null for the collector.</param>
    internal void Estimate(
        int replica,
        int p,
        SymmetricProduct product,
        Span<double> nodesAndWeights,
        SpareVectors? spare = null
    )
    {
        double[] probe = spare?.Take(p) ?? new double[p];
        Span<double> nodes = nodesAndWeights[..(Probes * Iterations)];
        Span<double> weights = nodesAndWeights[(Probes * Iterations)..];
        for (int v = 0; v < Probes; v++)
        {
            Probe(replica, v, probe);
            Quadrature.Lanczos(
                probe,
                product,
                nodes.Slice(v * Iterations, Iterations),
                weights.Slice(v * Iterations, Iterations),
                spare
            );
        }

        spare?.Give(probe);
    }

    /// <summary>Probe vector of this number: standard normal numbers of stream ProbeVectors, element number * p + i. (p)</summary>
    internal void Probe(int replica, int number, Span<double> vector) =>
        NormalDeviates.Fill(
            Seed,
            (uint)((long)number * vector.Length % int.MaxValue),
            (uint)Step,
            (uint)ReplicaNumbers[replica],
            RandomStream.ProbeVectors,
            vector
        );
}
