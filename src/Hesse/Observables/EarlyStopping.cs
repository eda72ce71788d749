using System.Globalization;
using Hesse.Backends;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Observables;

/// <summary>
/// early-stopping: the variance of the outputs x_t (all training samples) over its own latest observations. wmv: over the latest W,
/// (1/W) sum ||x - mean||^2 / dim, from the W-th on; emv: v &lt;- (1-a)(v + a ||x - m||^2 / dim), m &lt;- m + a (x - m) from m = x, v = 0 at the
/// first, looked at from the W-th on. The detected step is that of the least variance; after as many observations without a smaller one
/// as patience says the training counts as stopped, and it stays. Parts: best-step (-1 for none yet), stopped (1 or 0), gap = test
/// loss at best-step minus the least test loss so far (NaN without test samples or best-step).
/// H. Wang, T. Li, Z. Zhuang et al., arXiv 2112.06074, there on images and clipped to [0, 1].
/// </summary>
internal sealed class EarlyStopping : IQuantity
{
    private int _window = 100;
    private int _patience = 1000;
    private bool _exponential;
    private double _weight = 0.1;
    private Follower[] _followers = []; // one a replica of the wave

    public string Name => "early-stopping";

    public bool NeedsParameters => true;

    public bool ReadsTestSamples => true;

    public string? NeedsTraining => "many steps of a training";

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [4];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [new(null, []), new("best-step", []), new("stopped", []), new("gap", [])];

    public long CarriedSpace(Network network, int samples) =>
        (_exponential ? 1L : _window) * samples * network.OutputWidth;

    public void Transfer(int replica, StateTransfer transfer) => _followers[replica].Transfer(transfer);

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new EarlyStopping
        {
            _window = int.Parse(options["window"], CultureInfo.InvariantCulture),
            _patience = int.Parse(options["patience"], CultureInfo.InvariantCulture),
            _exponential = options["method"].Contains("emv", StringComparison.Ordinal),
            _weight = double.Parse(options["weight"], CultureInfo.InvariantCulture),
        };

    public void CheckTimes(IReadOnlyList<int> times)
    {
        if (_window > times.Count)
        {
            string range = times.Count < 2 ? "two or more are needed" : $"give window 2 .. {times.Count}";
            throw new HesseException(
                ExitCode.BadData,
                $"{Name}: window {_window} is more than its {times.Count} observations; {range}, or observe more often"
            );
        }
    }

    public IQuantity ForWave(IBackend backend, Wave wave) =>
        new EarlyStopping
        {
            _window = _window,
            _patience = _patience,
            _exponential = _exponential,
            _weight = _weight,
            _followers =
            [
                .. Enumerable
                    .Range(0, wave.Count)
                    .Select(_ => new Follower(CarriedSpace(wave.Problem.Network, wave.Problem.Data.Samples))),
            ],
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int length = snapshot.Training.Samples * snapshot.Network.OutputWidth;
        double[] outputs = new double[(long)snapshot.Replicas * length];
        snapshot.Backend.Logits(snapshot.Points, outputs);
        double[] test = new double[snapshot.Replicas];
        Array.Fill(test, double.NaN);
        if (snapshot.Test is not null)
        {
            snapshot.Backend.Loss(snapshot.TestPoints, test);
        }

        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Follower follower = _followers[snapshot.Places[r]];
            ReadOnlySpan<double> x = outputs.AsSpan(r * length, length);
            double variance = _exponential ? follower.Exponential(x, _weight) : follower.Windowed(x, _window);
            variance = follower.Seen >= _window ? variance : double.NaN;
            follower.Judge(snapshot.Step, variance, test[r], _patience);
            Span<double> own = values.Slice(r * 4, 4);
            own[0] = variance;
            own[1] = follower.BestStep;
            own[2] = follower.Stopped ? 1 : 0;
            own[3] = follower.TestLossThere - follower.LeastTestLoss;
        }
    }

    /// <summary>What is kept of a replica.</summary>
    private sealed class Follower(long space)
    {
        private readonly double[] _outputs = new double[space]; // (W, dim), or the running mean (dim)
        private Course _course = new();

        public int Seen => _course.Seen;

        public int BestStep => _course.BestStep;

        public bool Stopped => _course.Stopped;

        public double TestLossThere => _course.TestLossThere;

        public double LeastTestLoss => _course.LeastTestLoss;

        public void Transfer(StateTransfer transfer)
        {
            transfer.Numbers<double>(_outputs);
            transfer.Number(ref _course);
        }

        public double Windowed(ReadOnlySpan<double> x, int window)
        {
            x.CopyTo(_outputs.AsSpan(Seen % window * x.Length));
            _course.Seen++;
            if (Seen < window)
            {
                return double.NaN;
            }

            // In the order of the places, not of time: no sum depends on how often the window went round.
            double sum = 0;
            for (int i = 0; i < x.Length; i++)
            {
                double mean = 0;
                for (int w = 0; w < window; w++)
                {
                    mean += _outputs[(w * x.Length) + i];
                }

                mean /= window;
                for (int w = 0; w < window; w++)
                {
                    double beside = _outputs[(w * x.Length) + i] - mean;
                    sum = Math.FusedMultiplyAdd(beside, beside, sum);
                }
            }

            return sum / window / x.Length;
        }

        public double Exponential(ReadOnlySpan<double> x, double weight)
        {
            if (_course.Seen++ == 0)
            {
                x.CopyTo(_outputs);
                return 0;
            }

            double squares = 0;
            for (int i = 0; i < x.Length; i++)
            {
                double beside = x[i] - _outputs[i];
                squares = Math.FusedMultiplyAdd(beside, beside, squares);
                _outputs[i] = Math.FusedMultiplyAdd(weight, beside, _outputs[i]);
            }

            _course.Variance = (1 - weight) * (_course.Variance + (weight * squares / x.Length));
            return _course.Variance;
        }

        public void Judge(int step, double variance, double testLoss, int patience)
        {
            _course.LeastTestLoss = Math.Min(LeastTestLoss, testLoss);
            if (Stopped || double.IsNaN(variance))
            {
                return;
            }

            if (variance < _course.Least)
            {
                _course.Least = variance;
                _course.Waited = 0;
                _course.BestStep = step;
                _course.TestLossThere = testLoss;
                return;
            }

            _course.Stopped = ++_course.Waited >= patience;
        }

        /// <summary>All but the outputs.</summary>
        private struct Course()
        {
            public double Variance; // emv
            public double Least = double.PositiveInfinity;
            public double TestLossThere = double.NaN;
            public double LeastTestLoss = double.PositiveInfinity;
            public int Waited;
            public int Seen;
            public int BestStep = -1;
            public bool Stopped;
        }
    }
}
