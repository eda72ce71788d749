using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>
/// Metropolis weights of a graph: W_ij = 1/(1 + max(deg i, deg j)) for neighbours, W_ii = 1 - the rest of its row. Symmetric, so
/// doubly stochastic: mixing keeps the mean.
/// </summary>
internal sealed class MixingMatrix
{
    private readonly double[] _weights; // (M,M)

    /// <summary>The weights of M workers on a graph.</summary>
    public MixingMatrix(WorkerGraph graph, int workers)
    {
        Workers = workers;
        bool[] edges = new bool[workers * workers];
        int columns = workers / WorkersSection.RowsOf(workers);
        for (int i = 0; i < workers; i++)
        {
            for (int j = 0; j < workers; j++)
            {
                edges[(i * workers) + j] = i != j && AreNeighbours(graph, i, j, workers, columns);
            }
        }

        _weights = new double[workers * workers];
        for (int i = 0; i < workers; i++)
        {
            double others = 0;
            for (int j = 0; j < workers; j++)
            {
                if (edges[(i * workers) + j])
                {
                    int degree = Math.Max(Degree(edges, i), Degree(edges, j));
                    _weights[(i * workers) + j] = 1.0 / (1 + degree);
                    others += _weights[(i * workers) + j];
                }
            }

            _weights[(i * workers) + i] = 1 - others;
        }
    }

    /// <summary>M</summary>
    public int Workers { get; }

    /// <summary>W_ij</summary>
    public double this[int i, int j] => _weights[(i * Workers) + j];

    private static bool AreNeighbours(WorkerGraph graph, int i, int j, int workers, int columns) =>
        graph switch
        {
            WorkerGraph.Complete => true,
            WorkerGraph.Ring => (i + 1) % workers == j || (j + 1) % workers == i,
            _ => Math.Abs((i / columns) - (j / columns)) + Math.Abs((i % columns) - (j % columns)) == 1,
        };

    private int Degree(bool[] edges, int i) => edges.AsSpan(i * Workers, Workers).Count(true);
}
