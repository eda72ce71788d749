using System.Numerics.Tensors;
using Hesse.Backends;
using Hesse.Networks;
using Hesse.Statistics;

namespace Hesse.Observables;

/// <summary>The tail index of the noise of mini-batch gradients over all their coordinates.</summary>
internal static class CoordinateNoise
{
    // Mini-batches of a replica whose gradients are held at a time.
    private const int Held = 16;

    /// <summary>Numbers that a replica takes.</summary>
    public static long Space(Network network, int samples, int size)
    {
        long held = Held * ((2L * network.ParameterCount) + ((long)size * (network.InputWidth + network.OutputWidth)));
        return held + (5L * network.ParameterCount) + ((long)samples / size * network.ParameterCount);
    }

    /// <summary>
    /// Sums run over m mini-batches of one coordinate, m the largest divisor of K below its root: ln m / (mean ln |Y| - mean ln |X|) over
    /// all coordinates that are not 0 in all mini-batches; then the same over those of each layer. (R,1+L)
    /// </summary>
    public static double[] OverBatches(Snapshot snapshot, MiniBatchNoise noise, int batches)
    {
        int p = snapshot.Network.ParameterCount;
        int m = StableTailIndex.SumLength(batches);
        double[] full = new double[(long)snapshot.Replicas * p];
        snapshot.Backend.Gradient(snapshot.Points, full);
        double[] sums = new double[full.Length];
        double[] single = new double[full.Length]; // sum of ln |X|
        double[] summed = new double[full.Length]; // sum of ln |Y|
        bool[] alive = new bool[full.Length];
        for (int first = 0; first < batches; first += Held)
        {
            int count = Math.Min(Held, batches - first);
            double[] gradients = Gradients(snapshot, count, (r, i) => noise.Rows(r, first + i).ToArray());
            noise.Parallel(
                snapshot.Replicas,
                r =>
                {
                    for (int i = 0; i < count; i++)
                    {
                        bool ends = (first + i + 1) % m == 0;
                        Add(gradients.AsSpan(((r * count) + i) * p, p), r * p, ends);
                    }
                }
            );
        }

        int layers = snapshot.Network.Layers;
        double[] found = new double[snapshot.Replicas * (1 + layers)];
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            found[r * (1 + layers)] = Index(r * p, (r + 1) * p);
            for (int layer = 1; layer <= layers; layer++)
            {
                int from = (r * p) + snapshot.Network.WeightOffset(layer);
                int to = (r * p) + snapshot.Network.WeightOffset(layer + 1);
                found[(r * (1 + layers)) + layer] = Index(from, to);
            }
        }

        return found;

        double Index(int from, int to)
        {
            double growth = 0;
            long counted = 0;
            for (int j = from; j < to; j++)
            {
                if (alive[j])
                {
                    growth += (summed[j] * m) - single[j];
                    counted += batches;
                }
            }

            return StableTailIndex.Index(m, growth / counted);
        }

        void Add(ReadOnlySpan<double> gradient, int from, bool ends)
        {
            for (int j = 0; j < p; j++)
            {
                double x = gradient[j] - full[from + j];
                alive[from + j] |= x != 0;
                single[from + j] += StableTailIndex.Log(x);
                sums[from + j] += x;
                if (ends)
                {
                    summed[from + j] += StableTailIndex.Log(sums[from + j]);
                    sums[from + j] = 0;
                }
            }
        }
    }

    /// <summary>
    /// As published: mini-batch k is rows k B .. (k+1) B - 1 (what is left at the end is not taken), their mean is taken away, and all
    /// coordinates of the first, then of the second ... are one sample. NaN for fewer than two mini-batches. (R)
    /// </summary>
    public static double[] Pooled(Snapshot snapshot, MiniBatchNoise noise, int size)
    {
        int p = snapshot.Network.ParameterCount;
        int batches = snapshot.Training.Samples / size;
        double[] found = new double[snapshot.Replicas];
        if (batches < 2)
        {
            Array.Fill(found, double.NaN);
            return found;
        }

        double[] all = new double[(long)snapshot.Replicas * batches * p];
        for (int first = 0; first < batches; first += Held)
        {
            int count = Math.Min(Held, batches - first);
            double[] gradients = Gradients(snapshot, count, (_, i) => [.. Enumerable.Range((first + i) * size, size)]);
            for (int r = 0; r < snapshot.Replicas; r++)
            {
                gradients.AsSpan(r * count * p, count * p).CopyTo(all.AsSpan(((r * batches) + first) * p));
            }
        }

        noise.Parallel(
            snapshot.Replicas,
            r =>
            {
                Span<double> own = all.AsSpan(r * batches * p, batches * p);
                double[] mean = new double[p];
                for (int k = 0; k < batches; k++)
                {
                    TensorPrimitives.Add(mean, own.Slice(k * p, p), mean);
                }

                TensorPrimitives.Divide(mean, batches, mean);
                for (int k = 0; k < batches; k++)
                {
                    Span<double> row = own.Slice(k * p, p);
                    TensorPrimitives.Subtract(row, mean, row);
                }

                found[r] = StableTailIndex.Mean(own, StableTailIndex.SumLength(own.Length));
            }
        );
        return found;
    }

    // Gradients of count mini-batches of every replica: each is a point of its own with its own few samples. (R,count,P)
    private static double[] Gradients(Snapshot snapshot, int count, Func<int, int, int[]> rows)
    {
        int p = snapshot.Network.ParameterCount;
        double[] parameters = new double[(long)snapshot.Replicas * count * p];
        int[] owners = new int[snapshot.Replicas * count];
        int[][] chosen = new int[owners.Length][];
        for (int item = 0; item < owners.Length; item++)
        {
            owners[item] = item / count;
            snapshot.Parameters.Span.Slice(owners[item] * p, p).CopyTo(parameters.AsSpan(item * p));
            chosen[item] = rows(owners[item], item % count);
        }

        double[] gradients = new double[parameters.Length];
        snapshot.Backend.Gradient(
            new Points(
                snapshot.Network,
                parameters,
                Slices.ChooseRows(snapshot.Points.Data, chosen, owners),
                snapshot.Precision
            ),
            gradients
        );
        return gradients;
    }
}
