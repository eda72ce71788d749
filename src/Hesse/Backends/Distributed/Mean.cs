namespace Hesse.Backends.Distributed;

/// <summary>(1/M) sum_m g_m, workers ascending: parallel SGD.</summary>
internal sealed class Mean : IAggregation
{
    public void Run(int thread, int replica, int step, WorkerVectors sent, Span<double> aggregate)
    {
        for (int i = 0; i < aggregate.Length; i++)
        {
            double sum = sent.Of(0, replica)[i];
            for (int worker = 1; worker < sent.Workers; worker++)
            {
                sum += sent.Of(worker, replica)[i];
            }

            aggregate[i] = sum / sent.Workers;
        }
    }
}
