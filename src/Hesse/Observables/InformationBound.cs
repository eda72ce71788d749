using System.Globalization;
using Hesse.Backends;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>
/// information-bound: sqrt((4 R^2 / N) (variance + sensitivity)) + |output|, a bound on |gap| = |test loss - training loss| in
/// expectation, for plain SGD and losses that are R-sub-Gaussian. With s_t = sigma sqrt t, xi ~ N(0, s_t^2 I) and means over the test samples z:
/// variance = sum over j &lt; t of (eta_j^2 / sigma^2) V_j, V = E ||g(w,z) - E g(w,z)||^2 / b;
/// sensitivity the same of Gamma_j = E ||E g(w,z) - E g(w + xi,z)||^2; output = E[L(w) - L(w + xi)] on the training samples minus the same on the
/// test samples. Sums as <see cref="PathSum"/> has them. G. Neu, G. K. Dziugaite, M. Haghifam, D. M. Roy, arXiv 2102.00931.
/// </summary>
internal sealed class InformationBound : IQuantity
{
    private double _sigma = 0.01;
    private double _range = 1;
    private int _draws = 5;
    private PathSum? _variance;
    private PathSum? _sensitivity;

    public string Name => "information-bound";

    public bool NeedsParameters => true;

    public bool ReadsTestSamples => true;

    public string? NeedsTraining => "the path of a training";

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [5];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [new(null, []), new("variance", []), new("sensitivity", []), new("output", []), new("gap", [])];

    public long WorkSpace(Network network) => 3L * network.ParameterCount;

    public long CarriedSpace(Network network, int samples) => 2 * PathSum.Space;

    public void Transfer(int replica, StateTransfer transfer)
    {
        _variance!.Transfer(replica, transfer);
        _sensitivity!.Transfer(replica, transfer);
    }

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new InformationBound
        {
            _sigma = double.Parse(options["sigma"], CultureInfo.InvariantCulture),
            _range = double.Parse(options["range"], CultureInfo.InvariantCulture),
            _draws = int.Parse(options["draws"], CultureInfo.InvariantCulture),
        };

    public void Check(TrainingProblem problem)
    {
        if (problem is not { Optimizer: SgdSpec { RescaleWeights: false }, Workers: null })
        {
            throw new HesseException(
                ExitCode.BadData,
                $"observe: {Name} holds for plain sgd; this training is another"
            );
        }
    }

    public IQuantity ForWave(IBackend backend, Wave wave) =>
        new InformationBound
        {
            _sigma = _sigma,
            _range = _range,
            _draws = _draws,
            _variance = new PathSum(wave),
            _sensitivity = new PathSum(wave),
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int p = snapshot.Network.ParameterCount;
        int replicas = snapshot.Replicas;
        Points test = new(snapshot.Network, snapshot.Parameters, snapshot.TestPoints.Data, Precision.Float64);
        double[] gradients = new double[(long)replicas * p];
        double[] norms = new double[replicas * test.Samples];
        double[] trainLoss = new double[replicas];
        double[] testLoss = new double[replicas];
        snapshot.Backend.Gradient(test, gradients);
        snapshot.Backend.PerSampleGradientNorms(test, norms);
        snapshot.Backend.Loss(snapshot.DoublePoints, trainLoss);
        snapshot.Backend.Loss(test, testLoss);
        double[] sensitivity = new double[replicas];
        double[] output = new double[replicas];
        AddDraws(snapshot, test, gradients, sensitivity, output);
        int b = snapshot.Batches!.BatchSize(snapshot.Step);
        for (int r = 0; r < replicas; r++)
        {
            double squares = 0;
            foreach (double norm in norms.AsSpan(r * test.Samples, test.Samples))
            {
                squares = Math.FusedMultiplyAdd(norm, norm, squares);
            }

            double mean = 0;
            foreach (double entry in gradients.AsSpan(r * p, p))
            {
                mean = Math.FusedMultiplyAdd(entry, entry, mean);
            }

            double noise = Math.Max(0, (squares / test.Samples) - mean) / b;
            int replica = snapshot.Places[r];
            double square = _sigma * _sigma;
            Span<double> own = values.Slice(r * 5, 5);
            own[1] = _variance!.At(replica, snapshot.Step, noise) / square;
            own[2] = _sensitivity!.At(replica, snapshot.Step, sensitivity[r]) / square;
            own[3] = output[r] + (trainLoss[r] - testLoss[r]);
            own[4] = testLoss[r] - trainLoss[r];
            own[0] = (2 * _range * Math.Sqrt((own[1] + own[2]) / snapshot.Training.Samples)) + Math.Abs(own[3]);
        }
    }

    // Means over the draws of ||g(w) - g(w + xi)||^2 and of the test loss minus the training loss at w + xi.
    private void AddDraws(Snapshot snapshot, Points test, double[] gradients, double[] sensitivity, double[] output)
    {
        int p = snapshot.Network.ParameterCount;
        int replicas = snapshot.Replicas;
        double deviation = _sigma * Math.Sqrt(snapshot.Step);
        double[] moved = new double[gradients.Length];
        double[] there = new double[gradients.Length];
        double[] loss = new double[replicas];
        double[] testLoss = new double[replicas];
        for (int draw = 0; draw < _draws; draw++)
        {
            for (int r = 0; r < replicas; r++)
            {
                Span<double> own = moved.AsSpan(r * p, p);
                NormalDeviates.Fill(
                    snapshot.Seed,
                    (uint)((long)draw * p % uint.MaxValue),
                    (uint)snapshot.Step,
                    (uint)snapshot.ReplicaNumbers[r],
                    RandomStream.PathNoise,
                    own
                );
                ReadOnlySpan<double> theta = snapshot.Parameters.Span.Slice(r * p, p);
                for (int i = 0; i < p; i++)
                {
                    own[i] = Math.FusedMultiplyAdd(deviation, own[i], theta[i]);
                }
            }

            Points at = new(snapshot.Network, moved, test.Data, Precision.Float64);
            snapshot.Backend.Gradient(at, there);
            snapshot.Backend.Loss(at, testLoss);
            snapshot.Backend.Loss(
                new Points(snapshot.Network, moved, snapshot.DoublePoints.Data, Precision.Float64),
                loss
            );
            for (int r = 0; r < replicas; r++)
            {
                double squares = 0;
                for (int i = r * p; i < (r + 1) * p; i++)
                {
                    double beside = there[i] - gradients[i];
                    squares = Math.FusedMultiplyAdd(beside, beside, squares);
                }

                sensitivity[r] += squares / _draws;
                output[r] += (testLoss[r] - loss[r]) / _draws;
            }
        }
    }
}
