namespace Hesse.Backends.Distributed;

/// <summary>
/// sign(sum_m sign(g_m)) in every coordinate, sign(0) = 0: signSGD with majority vote.
/// J. Bernstein, Y.-X. Wang, K. Azizzadenesheli, A. Anandkumar, signSGD, ICML 2018; as in Chen et al., NeurIPS 2020.
/// </summary>
internal sealed class MajorityVote : IAggregation
{
    public void Run(int thread, int replica, int step, WorkerVectors sent, Span<double> aggregate)
    {
        for (int i = 0; i < aggregate.Length; i++)
        {
            double votes = 0;
            for (int worker = 0; worker < sent.Workers; worker++)
            {
                votes += Aggregations.Sign(sent.Of(worker, replica)[i]);
            }

            aggregate[i] = Aggregations.Sign(votes);
        }
    }
}
