namespace Hesse.Backends.Distributed;

/// <summary>
/// median_m g_m in every coordinate, the mean of the middle two for even M: medianSGD. Its sign is the majority vote for odd M.
/// X. Chen, T. Chen, H. Sun, Z. S. Wu, M. Hong, Distributed training with heterogeneous data, NeurIPS 2020.
/// </summary>
internal sealed class Median : IAggregation
{
    public void Run(int thread, int replica, int step, WorkerVectors sent, Span<double> aggregate)
    {
        int m = sent.Workers;
        Span<double> values = stackalloc double[m];
        for (int i = 0; i < aggregate.Length; i++)
        {
            for (int worker = 0; worker < m; worker++)
            {
                values[worker] = sent.Of(worker, replica)[i];
            }

            // Sorts NaN to the front.
            values.Sort();
            aggregate[i] = double.IsNaN(values[0]) ? double.NaN : (values[(m - 1) / 2] + values[m / 2]) / 2;
        }
    }
}
