using Hesse.Backends.Stepwise;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>
/// sto-sign: worker m sends bits, +1 with probability (b + g)/(2 b), else -1, with b the given one or its largest |g_j|, so that
/// E[bit] = g/b where |g| &lt;= b. The server answers sign(sum_m bits); with error feedback it adds what is left over, v = (1/M) sum_m bits + e,
/// answers (||v||_1 / P) sign(v) and keeps e = v - answer.
/// R. Jin, Y. Huang, X. He, H. Dai, T. Wu, Stochastic-sign SGD for federated learning with theoretical guarantees, arXiv 2002.10940.
/// </summary>
internal sealed class StochasticSign : IAggregation
{
    private readonly StepwiseReplicas _replicas;
    private readonly double _b;
    private readonly double[]? _error; // (R,P)
    private readonly double[][] _uniforms; // [thread] (P)

    public StochasticSign(StepwiseReplicas replicas, WorkersSpec workers)
    {
        _replicas = replicas;
        _b = workers.Noise;
        _error = workers.ErrorFeedback ?? true ? new double[replicas.Parameters.Length] : null;
        _uniforms = new double[replicas.Backend.Threads][];
    }

    public void Run(int thread, int replica, int step, WorkerVectors sent, Span<double> aggregate)
    {
        double[] uniforms = _uniforms[thread] ??= new double[_replicas.ParameterCount];
        aggregate.Clear();
        for (int worker = 0; worker < sent.Workers; worker++)
        {
            RandomStream stream = RandomStream.OptimizerNoise.OfWorker((uint)worker);
            uint index = (uint)(_replicas.First + replica);
            UniformDeviates.Fill(_replicas.Problem.Seed, 0, (uint)step, index, stream, uniforms);
            ReadOnlySpan<double> g = sent.Of(worker, replica);
            double b = _b > 0 ? _b : LargestMagnitude(g);
            for (int i = 0; i < g.Length; i++)
            {
                aggregate[i] += Bit(g[i], b, uniforms[i]);
            }
        }

        if (_error is null)
        {
            foreach (ref double v in aggregate)
            {
                v = Aggregations.Sign(v);
            }

            return;
        }

        FeedBack(_error.AsSpan(replica * aggregate.Length, aggregate.Length), sent.Workers, aggregate);
    }

    public void Transfer(int replica, StateTransfer transfer)
    {
        int p = _replicas.ParameterCount;
        transfer.Numbers(_error is null ? [] : _error.AsSpan(replica * p, p));
    }

    /// <summary>+1 where u &lt; (b + g)/(2 b), else -1; a gradient that is not a number stays so.</summary>
    public static double Bit(double g, double b, double u) =>
        double.IsNaN(g) ? g
        : 2 * b * u < b + g ? 1
        : -1;

    private static void FeedBack(Span<double> error, int workers, Span<double> aggregate)
    {
        double norm = 0;
        for (int i = 0; i < aggregate.Length; i++)
        {
            error[i] += aggregate[i] / workers;
            norm += Math.Abs(error[i]);
        }

        double scale = norm / aggregate.Length;
        for (int i = 0; i < aggregate.Length; i++)
        {
            aggregate[i] = scale * Aggregations.Sign(error[i]);
            error[i] -= aggregate[i];
        }
    }

    private static double LargestMagnitude(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }
}
