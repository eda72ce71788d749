using System.Globalization;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Eigen;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Statistics;

namespace Hesse.Observables;

/// <summary>
/// noise-gaussianity: whether the noise of mini-batch gradients looks normal along a line (after Panigrahi et al. 2019). The noise of K
/// mini-batches, drawn without replacement inside and independent of each other, is projected on random unit directions, and every
/// direction's K numbers are tested. Parts: shapiro-wilk (W), p-value and anderson-darling (A*^2), one a direction; accepted and
/// anderson-darling-accepted, the share of the directions that the tests do not reject at 5 %; gaussian-accepted and
/// gaussian-anderson-darling-accepted, the same shares for as many samples of K normal numbers; gradient and top-eigenvectors,
/// (W, p-value, A*^2) along the gradient and the eigenvectors of the largest eigenvalues of H. NaN where the noise is constant; shares
/// are of the other directions.
/// </summary>
internal sealed class NoiseGaussianity : IQuantity
{
    private const double Level = 0.05;
    private const int Numbers = 3; // W, p, A*^2

    // Enough for a direction; vectors are as exact as residual over gap.
    private const double Tolerance = 1e-6;

    private int _batches;
    private int _directions;
    private int _batch;
    private int _eigenvectors;
    private int _samples;

    public static IReadOnlyList<QuantityOption> Options { get; } =
    [
        QuantityOption.Whole(
            "batches",
            1000,
            ShapiroWilk.Least,
            ShapiroWilk.Most,
            "Mini-batches: the size of a sample."
        ),
        QuantityOption.Whole("directions", 1000, 1, 100_000, "Random directions."),
        BatchOption.Option,
        QuantityOption.Whole(
            "eigenvectors",
            5,
            0,
            1000,
            "Eigenvectors of the largest eigenvalues of H that are taken as well."
        ),
    ];

    public string Name => "noise-gaussianity";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [_directions];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples)
    {
        BatchOption.RequireRoom(Name, _batches, _batch, "mini-batches");
        QuantityPart[] parts =
        [
            new("shapiro-wilk", [_directions]),
            new("p-value", [_directions]),
            new("anderson-darling", [_directions]),
            new("accepted", []),
            new("anderson-darling-accepted", []),
            new("gaussian-accepted", []),
            new("gaussian-anderson-darling-accepted", []),
            new("gradient", [Numbers]),
        ];
        int vectors = Vectors(network);
        return vectors == 0 ? parts : [.. parts, new("top-eigenvectors", [vectors, Numbers])];
    }

    public long WorkSpace(Network network) =>
        MiniBatchNoise.Space(network, _samples, _batches, _batch)
        + HessianEigenpairs.Space(network, Vectors(network))
        + (2L * Numbers * _directions);

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        [
            .. ThreadSpace.OfNet(network, samples, precision),
            .. Vectors(network) == 0 ? [] : ThreadSpace.OfEigenpairs(network, samples, Vectors(network)),
        ];

    public long HostSpace(Network network, int samples) =>
        Vectors(network) == 0 ? 0 : HessianEigenpairs.DeviceSpace(network, Vectors(network));

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new NoiseGaussianity
        {
            _batches = Whole(options["batches"]),
            _directions = Whole(options["directions"]),
            _batch = Whole(options["batch"]),
            _eigenvectors = Whole(options["eigenvectors"]),
        };

    public IQuantity ForSamples(int samples, int? batch) =>
        new NoiseGaussianity
        {
            _batches = _batches,
            _directions = _directions,
            _batch = BatchOption.Size(Name, _batch, samples, batch),
            _eigenvectors = _eigenvectors,
            _samples = samples,
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        ShapiroWilk test = new(_batches);
        MiniBatchNoise noise = new(snapshot, _batches, _batch);
        int special = 1 + Vectors(snapshot.Network);
        double[] along = new double[(long)snapshot.Replicas * _directions * Numbers]; // (R,V,3)
        double[] normal = new double[along.Length]; // (R,V,3)
        for (int first = 0; first < _directions; first += MiniBatchNoise.Block)
        {
            int count = Math.Min(MiniBatchNoise.Block, _directions - first);
            double[] directions = noise.RandomDirections(first, count);
            Judge(noise, test, noise.Along(directions, count), count, first, _directions, along);
            Judge(noise, test, NormalSamples(noise, snapshot, first, count), count, first, _directions, normal);
        }

        double[] found = new double[snapshot.Replicas * special * Numbers];
        Judge(noise, test, noise.Along(SpecialDirections(snapshot, special), special), special, 0, special, found);
        int length = (Numbers * _directions) + 4 + (Numbers * special);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Span<double> own = values.Slice(r * length, length);
            ReadOnlySpan<double> tests = along.AsSpan(r * _directions * Numbers, _directions * Numbers);
            for (int v = 0; v < _directions; v++)
            {
                for (int i = 0; i < Numbers; i++)
                {
                    own[(i * _directions) + v] = tests[(v * Numbers) + i];
                }
            }

            own = own[(Numbers * _directions)..];
            (own[0], own[1]) = Accepted(tests);
            (own[2], own[3]) = Accepted(normal.AsSpan(r * _directions * Numbers, _directions * Numbers));
            found.AsSpan(r * special * Numbers, special * Numbers).CopyTo(own[4..]);
        }
    }

    // Sorts and tests the samples (R,count,K), and writes (W, p, A*^2) from place first on of results (R,of,3).
    private void Judge(
        MiniBatchNoise noise,
        ShapiroWilk test,
        double[] samples,
        int count,
        int first,
        int of,
        double[] results
    ) =>
        noise.Parallel(
            samples.Length / _batches,
            item =>
            {
                Span<double> sample = samples.AsSpan(item * _batches, _batches);
                sample.Sort();
                int to = ((item / count * of) + first + (item % count)) * Numbers;
                (results[to], results[to + 1]) = test.Of(sample);
                results[to + 2] = AndersonDarling.Adjusted(AndersonDarling.Square(sample), _batches);
            }
        );

    // Numbers of stream NormalSamples, element sample K + place. (R,count,K)
    private double[] NormalSamples(MiniBatchNoise noise, Snapshot snapshot, int first, int count)
    {
        double[] samples = new double[(long)snapshot.Replicas * count * _batches];
        noise.Parallel(
            snapshot.Replicas * count,
            item =>
                NormalDeviates.Fill(
                    snapshot.Seed,
                    (uint)((first + (item % count)) * _batches),
                    (uint)snapshot.Step,
                    (uint)snapshot.ReplicaNumbers[item / count],
                    RandomStream.NormalSamples,
                    samples.AsSpan(item * _batches, _batches)
                )
        );
        return samples;
    }

    // The gradient, not normalised: the tests do not see its length. Then eigenvectors. (R,count,P)
    private static double[] SpecialDirections(Snapshot snapshot, int count)
    {
        int p = snapshot.Network.ParameterCount;
        int width = EigenpairRequest.Heading + p;
        double[] directions = new double[(long)snapshot.Replicas * count * p];
        double[] gradients = new double[(long)snapshot.Replicas * p];
        snapshot.Backend.Gradient(snapshot.Points, gradients);
        double[] pairs = count > 1 ? HessianEigenpairs.Of(snapshot, count - 1, 0, Tolerance) : [];
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            gradients.AsSpan(r * p, p).CopyTo(directions.AsSpan(r * count * p));
            for (int i = 1; i < count; i++)
            {
                pairs
                    .AsSpan((((r * (count - 1)) + i - 1) * width) + EigenpairRequest.Heading, p)
                    .CopyTo(directions.AsSpan(((r * count) + i) * p));
            }
        }

        return directions;
    }

    // Shares of the directions with an answer that Shapiro-Wilk and Anderson-Darling do not reject.
    private static (double ShapiroWilk, double AndersonDarling) Accepted(ReadOnlySpan<double> tests)
    {
        int answered = 0;
        int shapiro = 0;
        int anderson = 0;
        for (int i = 0; i < tests.Length; i += Numbers)
        {
            if (double.IsNaN(tests[i]))
            {
                continue;
            }

            answered++;
            shapiro += tests[i + 1] >= Level ? 1 : 0;
            anderson += tests[i + 2] <= AndersonDarling.Critical(Level) ? 1 : 0;
        }

        return ((double)shapiro / answered, (double)anderson / answered);
    }

    private int Vectors(Network network) => Math.Min(_eigenvectors, network.ParameterCount);

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
