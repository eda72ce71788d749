using System.Numerics.Tensors;
using Hesse.Eigen;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Observables;

/// <summary>
/// Mini-batch gradients minus the full gradient, along some directions: K mini-batches are drawn for each replica
/// (<see cref="DrawnBatches"/>), the gradients of the single losses are projected on the directions once, (N,V), and the rows of each
/// mini-batch are averaged in the order in which they were drawn. Neither a per-sample nor a mini-batch gradient is formed.
/// </summary>
internal sealed class MiniBatchNoise
{
    /// <summary>Directions that are worth taking at once.</summary>
    public const int Block = 64;

    // Mini-batches that a thread averages at a time.
    private const int Share = 50;

    private readonly Snapshot _snapshot;
    private readonly int _batches;
    private readonly int _size;
    private readonly int[][] _rows; // [replica] (K, size)

    /// <summary>Draws the mini-batches.</summary>
    /// <param name="snapshot">Points, seed, step and replicas.</param>
    /// <param name="batches">K</param>
    /// <param name="size">Rows of each, fewer than N.</param>
    public MiniBatchNoise(Snapshot snapshot, int batches, int size)
    {
        _snapshot = snapshot;
        _batches = batches;
        _size = size;
        _rows = new int[snapshot.Replicas][];
        Parallel(
            snapshot.Replicas,
            r =>
            {
                _rows[r] = new int[batches * size];
                DrawnBatches.Fill(
                    snapshot.Seed,
                    snapshot.Training.Samples,
                    size,
                    snapshot.Step,
                    snapshot.ReplicaNumbers[r],
                    _rows[r]
                );
            }
        );
    }

    private int ParameterCount => _snapshot.Network.ParameterCount;

    /// <summary>Rows of mini-batch k of replica r. (size)</summary>
    public ReadOnlySpan<int> Rows(int replica, int batch) => _rows[replica].AsSpan(batch * _size, _size);

    /// <summary>
    /// Unit vectors of standard normal numbers of stream NoiseDirections, element number p + i, step 0: a replica keeps its
    /// directions along the training. (R,count,P)
    /// </summary>
    public double[] RandomDirections(int first, int count)
    {
        double[] directions = new double[(long)_snapshot.Replicas * count * ParameterCount];
        Parallel(
            _snapshot.Replicas * count,
            item =>
            {
                Span<double> direction = directions.AsSpan(item * ParameterCount, ParameterCount);
                NormalDeviates.Fill(
                    _snapshot.Seed,
                    (uint)((long)(first + (item % count)) * ParameterCount % int.MaxValue),
                    0,
                    (uint)_snapshot.ReplicaNumbers[item / count],
                    RandomStream.NoiseDirections,
                    direction
                );
                TensorPrimitives.Divide(direction, KrylovBasis.Norm(direction), direction);
            }
        );
        return directions;
    }

    /// <summary>The noise of every mini-batch along directions (R,count,P). (R,count,K)</summary>
    public double[] Along(double[] directions, int count)
    {
        int samples = _snapshot.Training.Samples;
        double[] projections = new double[(long)_snapshot.Replicas * samples * count];
        _snapshot.Backend.PerSampleGradientProjections(_snapshot.Points, directions, projections);
        double[] means = new double[(long)_snapshot.Replicas * count];
        Parallel(
            _snapshot.Replicas,
            r => Average(projections, count, r, Enumerable.Range(0, samples).ToArray(), means.AsSpan(r * count, count))
        );
        double[] noise = new double[(long)_snapshot.Replicas * count * _batches];
        int shares = (_batches + Share - 1) / Share;
        Parallel(
            _snapshot.Replicas * shares,
            item =>
            {
                int r = item / shares;
                double[] mean = new double[count];
                int first = item % shares * Share;
                for (int k = first; k < Math.Min(_batches, first + Share); k++)
                {
                    Average(projections, count, r, Rows(r, k), mean);
                    for (int v = 0; v < count; v++)
                    {
                        noise[((long)((r * count) + v) * _batches) + k] = mean[v] - means[(r * count) + v];
                    }
                }
            }
        );
        return noise;
    }

    /// <summary>Runs work on every item, on as many threads as the snapshot allows; items do not know of each other.</summary>
    public void Parallel(int items, Action<int> work) =>
        System.Threading.Tasks.Parallel.For(
            0,
            items,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, _snapshot.Threads) },
            work
        );

    /// <summary>Numbers of a replica while its directions are taken one block after the other.</summary>
    public static long Space(Network network, int samples, int batches, int size) =>
        (Block * (network.ParameterCount + samples + (long)batches)) + ((long)batches * size / 2);

    private void Average(double[] projections, int count, int replica, ReadOnlySpan<int> rows, Span<double> mean)
    {
        int from = replica * _snapshot.Training.Samples;
        mean.Clear();
        foreach (int row in rows)
        {
            TensorPrimitives.Add(mean, projections.AsSpan((from + row) * count, count), mean);
        }

        TensorPrimitives.Divide(mean, rows.Length, mean);
    }
}
