using System.Globalization;
using Hesse.Backends;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Observables;

/// <summary>
/// pac-bayes-bound: with probability 1 - delta over the samples, a bound on the error of Q = N(theta, diag(nu)^-1) with
/// nu_j = max(H_jj, 1/sigma_j^2): the largest q with kl(l(Q,S) || q) at most (D + ln((N+1)/delta))/N, where
/// D = sum_j ln(nu_j sigma_j^2)/2 + sum_j (theta_j - theta_0j)^2/(2 sigma_j^2) is at least KL(Q || N(theta_0, diag(sigma^2))).
/// l(Q,S) is the mean training error of some draws of Q. See <see cref="PriorDeviations"/> for sigma.
/// X. Li, Q. Gu, Y. Zhou, T. Chen, A. Banerjee, arXiv 1907.10732 and 2002.09956.
/// </summary>
internal sealed class PacBayesBound : IQuantity
{
    private const int Heading = 9; // parts that are numbers

    private double _prior = 0.1;
    private double _delta = 0.05;
    private bool _anisotropic;
    private int _draws = 100;

    public string Name => "pac-bayes-bound";

    public bool NeedsParameters => true;

    public bool NeedsInitialParameters => true;

    public bool ReadsTestSamples => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [Heading + (2 * network.Layers)];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples)
    {
        AccuracyQuantity.RequireClasses(Name, network);
        return
        [
            new(null, []),
            new("pinsker", []),
            new("divergence", []),
            new("effective-curvature", []),
            new("weighted-norm", []),
            new("gibbs-error", []),
            new("gibbs-standard-error", []),
            new("train-error", []),
            new("test-error", []),
            new("layer-curvature", [network.Layers]),
            new("layer-norm", [network.Layers]),
        ];
    }

    public long WorkSpace(Network network) => 4L * network.ParameterCount;

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new PacBayesBound
        {
            _prior = double.Parse(options["prior"], CultureInfo.InvariantCulture),
            _delta = double.Parse(options["delta"], CultureInfo.InvariantCulture),
            _anisotropic = options["covariance"].Contains("anisotropic", StringComparison.Ordinal),
            _draws = int.Parse(options["draws"], CultureInfo.InvariantCulture),
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        Network network = snapshot.Network;
        Points points = snapshot.DoublePoints;
        int p = network.ParameterCount;
        int n = points.Samples;
        double[] diagonal = new double[(long)snapshot.Replicas * p];
        snapshot.Backend.HessianDiagonal(points, diagonal);
        double[] deviations = new double[diagonal.Length]; // of Q
        double[] train = new double[snapshot.Replicas];
        double[] test = new double[snapshot.Replicas];
        Array.Fill(test, double.NaN);
        AccuracyQuantity.Of(snapshot.Backend, points, train);
        if (snapshot.Test is not null)
        {
            AccuracyQuantity.Of(snapshot.Backend, snapshot.TestPoints, test);
        }

        int length = Heading + (2 * network.Layers);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Span<double> own = values.Slice(r * length, length);
            Divergence(
                network,
                points.ParametersOf(r),
                snapshot.InitialParameters.Span.Slice(r * p, p),
                diagonal.AsSpan(r * p, p),
                own[Heading..],
                deviations.AsSpan(r * p, p)
            );
            own[3] = Sum(own.Slice(Heading, network.Layers));
            own[4] = Sum(own[(Heading + network.Layers)..]);
            own[2] = own[3] + own[4];
            own[7] = 1 - train[r];
            own[8] = 1 - test[r];
        }

        (double[] gibbs, double[] errors) = GibbsError(snapshot, points, deviations);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Span<double> own = values.Slice(r * length, length);
            double allowed = (own[2] + Math.Log((n + 1) / _delta)) / n;
            own[0] = BernoulliDivergence.Inverse(gibbs[r], allowed);
            own[1] = gibbs[r] + Math.Sqrt(allowed / 2);
            own[5] = gibbs[r];
            own[6] = errors[r];
        }
    }

    /// <summary>The two sums of each layer, sum_j ln(nu_j sigma_j^2)/2 and then sum_j (theta_j - theta_0j)^2/(2 sigma_j^2), and Q's deviations.</summary>
    private void Divergence(
        Network network,
        ReadOnlySpan<double> theta,
        ReadOnlySpan<double> start,
        ReadOnlySpan<double> diagonal,
        Span<double> sums,
        Span<double> deviations
    )
    {
        double[] sigma = PriorDeviations.Of(network, start, _prior, _anisotropic);
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            double curvature = 0;
            double norm = 0;
            for (int j = network.WeightOffset(layer); j < network.WeightOffset(layer + 1); j++)
            {
                double square = sigma[j] * sigma[j];
                double excess = Math.Max(1, diagonal[j] * square); // nu_j sigma_j^2
                double moved = (theta[j] - start[j]) / sigma[j];
                curvature += Math.Log(excess) / 2;
                norm = Math.FusedMultiplyAdd(moved, moved / 2, norm);
                deviations[j] = sigma[j] / Math.Sqrt(excess);
            }

            sums[layer - 1] = curvature;
            sums[network.Layers + layer - 1] = norm;
        }
    }

    /// <summary>Mean training error of draws of Q, and the standard error of that mean (0 for one draw). (R) each</summary>
    private (double[] Mean, double[] StandardError) GibbsError(Snapshot snapshot, Points points, double[] deviations)
    {
        int p = points.Network.ParameterCount;
        int replicas = snapshot.Replicas;
        double[] drawn = new double[deviations.Length];
        double[] accuracy = new double[replicas];
        double[] errors = new double[replicas * _draws];
        for (int draw = 0; draw < _draws; draw++)
        {
            for (int r = 0; r < replicas; r++)
            {
                Span<double> own = drawn.AsSpan(r * p, p);
                NormalDeviates.Fill(
                    snapshot.Seed,
                    (uint)((long)draw * p % uint.MaxValue),
                    (uint)snapshot.Step,
                    (uint)snapshot.ReplicaNumbers[r],
                    RandomStream.PosteriorDraws,
                    own
                );
                for (int j = 0; j < p; j++)
                {
                    own[j] = Math.FusedMultiplyAdd(own[j], deviations[(r * p) + j], points.ParametersOf(r)[j]);
                }
            }

            AccuracyQuantity.Of(
                snapshot.Backend,
                new Points(points.Network, drawn, points.Data, Precision.Float64),
                accuracy
            );
            for (int r = 0; r < replicas; r++)
            {
                errors[(r * _draws) + draw] = 1 - accuracy[r];
            }
        }

        double[] means = new double[replicas];
        double[] standardErrors = new double[replicas];
        for (int r = 0; r < replicas; r++)
        {
            ReadOnlySpan<double> own = errors.AsSpan(r * _draws, _draws);
            means[r] = Sum(own) / _draws;
            double squares = 0;
            foreach (double error in own)
            {
                squares = Math.FusedMultiplyAdd(error - means[r], error - means[r], squares);
            }

            standardErrors[r] = _draws > 1 ? Math.Sqrt(squares / (_draws - 1) / _draws) : 0;
        }

        return (means, standardErrors);
    }

    private static double Sum(ReadOnlySpan<double> terms)
    {
        double sum = 0;
        foreach (double term in terms)
        {
            sum += term;
        }

        return sum;
    }
}
