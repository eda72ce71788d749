using Hesse.Backends.Stepwise;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>
/// SafeguardSGD, double window: with good the workers not yet removed, A_i = sum g_i/|good| over the steps since the last multiple of T1
/// and B_i since that of T0 &lt; T1; A_med is the A_i with the smallest ball around it that holds more than M/2 workers, r its radius.
/// The answer is the mean over good. Then worker i is removed for good if ||A_i - A_med|| > 2 thr_1 or ||B_i - B_med|| > 2 thr_0.
/// Here T1 = 6 T0 (the paper's epochs), and a threshold is 1.5 times the largest r of its window's sums so far: the paper tunes
/// thresholds on trial runs.
/// Z. Allen-Zhu, F. Ebrahimian, J. Li, D. Alistarh, Byzantine-resilient non-convex SGD, ICLR 2021, algorithm 1.
/// </summary>
internal sealed class Safeguard : IAggregation
{
    private const int LongWindow = 6;
    private const double Slack = 1.5;

    private readonly StepwiseReplicas _replicas;
    private readonly double _noise;
    private readonly int[] _removed; // (R,M): the step after which a worker was removed, or -1
    private readonly double[][] _scratch; // [thread] (M,M) distances, (M), (P)
    private readonly Window _short;
    private readonly Window _long;

    public Safeguard(StepwiseReplicas replicas, WorkersSpec workers, int batchesPerEpoch)
    {
        _replicas = replicas;
        _noise = workers.Noise;
        int m = workers.Count;
        _removed = new int[replicas.Count * m];
        Array.Fill(_removed, -1);
        _scratch = new double[replicas.Backend.Threads][];
        Period = workers.Period ?? batchesPerEpoch;
        _short = new Window(Period, m, replicas);
        _long = new Window(checked(LongWindow * (long)Period), m, replicas);
    }

    /// <summary>T0</summary>
    public int Period { get; }

    /// <summary>The step whose update was the last that a worker took part in, or -1 while it does.</summary>
    public int RemovedAt(int replica, int worker) => Removed(replica)[worker];

    public void Run(int thread, int replica, int step, WorkerVectors sent, Span<double> aggregate)
    {
        int m = sent.Workers;
        double[] scratch = _scratch[thread] ??= new double[(m * m) + m + aggregate.Length];
        Span<int> removed = Removed(replica);
        int good = removed.Count(-1);
        aggregate.Clear();
        for (int worker = 0; worker < m; worker++)
        {
            if (removed[worker] < 0)
            {
                Span<double> g = sent.Of(worker, replica);
                for (int i = 0; i < g.Length; i++)
                {
                    aggregate[i] += g[i] / good;
                }
            }
        }

        Add(step, replica, aggregate, scratch.AsSpan((m * m) + m));
        Span<bool> strays = stackalloc bool[m];
        _short.Judge(step, replica, sent, removed, scratch, strays);
        _long.Judge(step, replica, sent, removed, scratch, strays);
        for (int worker = 0; worker < m; worker++)
        {
            removed[worker] = removed[worker] < 0 && strays[worker] ? step : removed[worker];
        }
    }

    public void Transfer(int replica, StateTransfer transfer)
    {
        transfer.Numbers(Removed(replica));
        _short.Transfer(replica, transfer);
        _long.Transfer(replica, transfer);
    }

    private Span<int> Removed(int replica)
    {
        int m = _removed.Length / _replicas.Count;
        return _removed.AsSpan(replica * m, m);
    }

    private void Add(int step, int replica, Span<double> aggregate, Span<double> normals)
    {
        if (_noise == 0)
        {
            return;
        }

        uint index = (uint)(_replicas.First + replica);
        NormalDeviates.Fill(_replicas.Problem.Seed, 0, (uint)step, index, RandomStream.OptimizerNoise, normals);
        for (int i = 0; i < aggregate.Length; i++)
        {
            aggregate[i] += _noise * normals[i];
        }
    }

    /// <summary>The sums since the last multiple of a length, and the largest radius so far.</summary>
    private sealed class Window(long length, int workers, StepwiseReplicas replicas)
    {
        private readonly WorkerVectors _sums = new(workers, replicas.Count, replicas.ParameterCount);
        private readonly double[] _radius = new double[replicas.Count];

        public void Judge(
            int step,
            int replica,
            WorkerVectors sent,
            ReadOnlySpan<int> removed,
            Span<double> scratch,
            Span<bool> strays
        )
        {
            int m = sent.Workers;
            Span<double> distances = scratch[..(m * m)];
            Accumulate(step, replica, sent, removed);
            Distances(replica, removed, distances);
            int median = Median(removed, distances, scratch.Slice(m * m, m), out double radius);
            _radius[replica] = Math.Max(_radius[replica], radius);
            for (int worker = 0; worker < m; worker++)
            {
                strays[worker] |= distances[(median * m) + worker] > 2 * Slack * _radius[replica];
            }
        }

        public void Transfer(int replica, StateTransfer transfer)
        {
            _sums.Transfer(replica, transfer);
            transfer.Number(ref _radius[replica]);
        }

        private void Accumulate(int step, int replica, WorkerVectors sent, ReadOnlySpan<int> removed)
        {
            int good = removed.Count(-1);
            for (int worker = 0; worker < removed.Length; worker++)
            {
                if (removed[worker] >= 0)
                {
                    continue;
                }

                Span<double> sum = _sums.Of(worker, replica);
                if (step % length == 0)
                {
                    sum.Clear();
                }

                Span<double> g = sent.Of(worker, replica);
                for (int i = 0; i < g.Length; i++)
                {
                    sum[i] += g[i] / good;
                }
            }
        }

        // Infinite to a removed worker; 0 for everyone to themselves.
        private void Distances(int replica, ReadOnlySpan<int> removed, Span<double> distances)
        {
            int m = removed.Length;
            for (int i = 0; i < m; i++)
            {
                distances[(i * m) + i] = 0;
                for (int j = 0; j < i; j++)
                {
                    double distance = double.PositiveInfinity;
                    if (removed[i] < 0 && removed[j] < 0)
                    {
                        distance = Distance(_sums.Of(i, replica), _sums.Of(j, replica));
                    }

                    distances[(i * m) + j] = distance;
                    distances[(j * m) + i] = distance;
                }
            }
        }

        // The worker with the smallest ball that holds more than half of all workers; the first of equals.
        private static int Median(
            ReadOnlySpan<int> removed,
            ReadOnlySpan<double> distances,
            Span<double> sorted,
            out double radius
        )
        {
            int m = removed.Length;
            int median = 0;
            radius = double.PositiveInfinity;
            for (int worker = 0; worker < m; worker++)
            {
                distances.Slice(worker * m, m).CopyTo(sorted);
                sorted.Sort();
                if (removed[worker] < 0 && sorted[m / 2] < radius)
                {
                    radius = sorted[m / 2];
                    median = worker;
                }
            }

            return median;
        }

        private static double Distance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
        {
            double squares = 0;
            for (int i = 0; i < a.Length; i++)
            {
                double off = a[i] - b[i];
                squares += off * off;
            }

            return Math.Sqrt(squares);
        }
    }
}
