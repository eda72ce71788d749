using System.Globalization;
using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>
/// stability-twins: mean over the twins of ||w_t - w_t^(i)||^2. A twin is trained beside its replica from the same initial point on the same
/// rows, of samples in which one is replaced by an independent draw (<see cref="TwinData"/>). Parts: each, the squared distance of
/// every twin (K); loss-sum = sum over j &lt; t of eta_j^2 L(w_j) as <see cref="PathSum"/> has it, for sgd (else NaN); bound-over-smoothness =
/// 8 (1 + t/N) / N times loss-sum: for convex losses with smoothness Lambda and step sizes up to 2 / Lambda, Lambda times its mean over replicas
/// bounds the mean squared distance; gap = test loss - training loss (NaN without test samples).
/// Y. Lei, Y. Ying, Fine-grained analysis of stability and generalization for SGD, arXiv 2006.08157.
/// </summary>
internal sealed class StabilityTwins : IQuantity, IDisposable
{
    private int _count = 4;
    private IReplicas[] _twins = [];
    private double[] _parameters = []; // of one twin of the whole wave (R,P)
    private PathSum? _sum;

    public string Name => "stability-twins";

    public bool NeedsParameters => true;

    public bool ReadsTestSamples => true;

    public string? NeedsTraining => "trainings with other samples";

    public int Companions => _count;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [4 + _count];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [new(null, []), new("loss-sum", []), new("bound-over-smoothness", []), new("gap", []), new("each", [_count])];

    public long CarriedSpace(Network network, int samples) => network.ParameterCount + PathSum.Space;

    public void Transfer(int replica, StateTransfer transfer)
    {
        foreach (IReplicas twin in _twins)
        {
            transfer.Replica(twin, replica);
        }

        _sum?.Transfer(replica, transfer);
    }

    public void Advance(int step)
    {
        foreach (IReplicas twin in _twins)
        {
            twin.Advance(Math.Max(0, step - twin.Step));
        }
    }

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new StabilityTwins { _count = int.Parse(options["twins"], CultureInfo.InvariantCulture) };

    public void Check(TrainingProblem problem)
    {
        if (!TwinData.CanRedraw(problem.Data))
        {
            throw new HesseException(
                ExitCode.BadData,
                $"observe: {Name} draws the replaced sample from the test samples; the data has none"
            );
        }

        if (_count > problem.Data.Samples)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"observe: {Name} replaces a sample of its own in each of {_count} twins; there are {problem.Data.Samples} samples"
            );
        }
    }

    public IQuantity ForWave(IBackend backend, Wave wave) =>
        new StabilityTwins
        {
            _count = _count,
            _twins =
            [
                .. Enumerable
                    .Range(0, _count)
                    .Select(twin =>
                        backend.CreateReplicas(
                            wave.With(problem => problem with { Data = new TwinData(problem.Data, problem.Seed, twin) })
                        )
                    ),
            ],
            _parameters = new double[(long)wave.Count * wave.Problem.Network.ParameterCount],
            _sum = wave.Problem is { Optimizer: SgdSpec, Workers: null } ? new PathSum(wave) : null,
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        int n = snapshot.Training.Samples;
        int length = 4 + _count;
        double[] loss = new double[snapshot.Replicas];
        double[] test = new double[snapshot.Replicas];
        Array.Fill(test, double.NaN);
        snapshot.Backend.Loss(snapshot.Points, loss);
        if (snapshot.Test is not null)
        {
            snapshot.Backend.Loss(snapshot.TestPoints, test);
        }

        for (int twin = 0; twin < _count; twin++)
        {
            _twins[twin].CopyParameters(_parameters);
            for (int r = 0; r < snapshot.Replicas; r++)
            {
                values[(r * length) + 4 + twin] = SquaredDistance(
                    snapshot.Parameters.Span.Slice(r * p, p),
                    _parameters.AsSpan(snapshot.Places[r] * p, p)
                );
            }
        }

        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Span<double> own = values.Slice(r * length, length);
            own[0] = 0;
            foreach (double distance in own[4..])
            {
                own[0] += distance / _count;
            }

            own[1] = _sum?.At(snapshot.Places[r], snapshot.Step, loss[r]) ?? double.NaN;
            own[2] = 8 * (1 + ((double)snapshot.Step / n)) / n * own[1];
            own[3] = test[r] - loss[r];
        }
    }

    public void Dispose()
    {
        foreach (IReplicas twin in _twins)
        {
            twin.Dispose();
        }
    }

    private static double SquaredDistance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double squares = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double beside = a[i] - b[i];
            squares = Math.FusedMultiplyAdd(beside, beside, squares);
        }

        return squares;
    }
}
