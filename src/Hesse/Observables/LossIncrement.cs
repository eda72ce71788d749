using System.Globalization;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// loss-increment: Delta_t = f(theta_{t+1}) - f(theta_t) of the training loss, its mean and variance given theta_t as
/// <see cref="UpdatePrediction"/> has them, and the deviation from them. Parts: measured, predicted-mean, predicted-variance, flag (1
/// where the predicted mean is at most 0: locally a super-martingale; else -1: a sub-martingale), standardised = (measured - mean) /
/// sqrt variance (NaN where the variance is 0), curved-variance, the variance with the slope after the mean step; with tail-bound also width and tail-bound = min(1, 2 exp(-2 s^2 / width^2)), s =
/// |measured - mean|. Everything is NaN at the last step, all but measured for rules that have no prediction.
/// X. Li, Q. Gu, Y. Zhou, T. Chen, A. Banerjee, arXiv 1907.10732.
/// </summary>
internal sealed class LossIncrement : IQuantity
{
    private bool _tail;

    public string Name => "loss-increment";

    public bool NeedsParameters => true;

    public bool NeedsOptimizerState => true;

    public bool ReadsRule => true;

    public int Neighbour => 1;

    public string? NeedsTraining => "two steps of a training";

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [_tail ? 8 : 6];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [
            new("measured", []),
            new("predicted-mean", []),
            new("predicted-variance", []),
            new("flag", []),
            new("standardised", []),
            new("curved-variance", []),
            .. _tail ? new QuantityPart[] { new("width", []), new("tail-bound", []) } : [],
        ];

    public long WorkSpace(Network network) =>
        UpdatePrediction.Space(network) + (_tail ? HessianEigenpairs.Space(network, 2) : 0);

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        [
            .. ThreadSpace.OfBlocks(network, samples, Precision.Float64, many: true),
            .. _tail ? ThreadSpace.OfEigenpairs(network, samples, 2) : [],
        ];

    public long HostSpace(Network network, int samples) => _tail ? HessianEigenpairs.DeviceSpace(network, 2) : 0;

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new LossIncrement { _tail = string.Equals(options["tail-bound"], "true", StringComparison.Ordinal) };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        values.Fill(double.NaN);
        if (snapshot.NeighbourParameters.IsEmpty)
        {
            return;
        }

        int parts = _tail ? 8 : 6;
        double[] before = new double[snapshot.Replicas];
        double[] after = new double[snapshot.Replicas];
        snapshot.Backend.Loss(snapshot.DoublePoints, before);
        snapshot.Backend.Loss(
            new Points(snapshot.Network, snapshot.NeighbourParameters, snapshot.Training, Precision.Float64),
            after
        );
        UpdatePrediction? prediction = UpdatePrediction.Of(snapshot);
        double[] widths = prediction is not null && _tail ? prediction.Widths() : [];
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Span<double> own = values.Slice(r * parts, parts);
            own[0] = after[r] - before[r];
            if (prediction is null)
            {
                continue;
            }

            double deviation = own[0] - prediction.Mean[r];
            own[1] = prediction.Mean[r];
            own[2] = prediction.Variance[r];
            own[3] = own[1] <= 0 ? 1 : -1;
            own[4] = own[2] > 0 ? deviation / Math.Sqrt(own[2]) : double.NaN;
            own[5] = prediction.CurvedVariance[r];
            if (_tail)
            {
                own[6] = widths[r];
                own[7] = Math.Min(1, 2 * Math.Exp(-2 * deviation * deviation / (widths[r] * widths[r])));
            }
        }
    }
}
