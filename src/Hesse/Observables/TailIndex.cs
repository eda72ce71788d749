using System.Globalization;
using Hesse.Networks;
using Hesse.Statistics;

namespace Hesse.Observables;

/// <summary>
/// tail-index: the index alpha of gradient noise taken as symmetric alpha-stable, 2 for normal noise. Parts directions and hill, one
/// number a random unit direction: the estimate of <see cref="StableTailIndex.Mean"/> and Hill's from the largest tenth, over K
/// mini-batches drawn as for noise-gaussianity; pooled, as published (Simsekli et al. 2019): all coordinates of the mini-batches that cut
/// the samples in order, mini-batch after mini-batch, as one sample; coordinates, the scale check: all coordinates of the K drawn
/// mini-batches, but sums run over mini-batches of one coordinate, so that neither different scales nor dependent coordinates
/// meet in a sum, and layers, the same over the coordinates of one layer; pooling-misleads, 1 where pooled is off coordinates by more than a tenth, else 0.
/// </summary>
internal sealed class TailIndex : IQuantity
{
    // Sampling errors of both estimates are a few per cent for the 10,000 numbers that the smallest nets have.
    private const double Allowed = 0.1;

    private int _batches;
    private int _directions;
    private int _batch;
    private int _samples;

    public static IReadOnlyList<QuantityOption> Options { get; } =
    [
        QuantityOption.Whole("batches", 1000, 4, 100_000, "Mini-batches: the size of a sample."),
        QuantityOption.Whole("directions", 100, 1, 100_000, "Random directions."),
        BatchOption.Option,
    ];

    public string Name => "tail-index";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [_directions];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples)
    {
        BatchOption.RequireRoom(Name, _batches, _batch, "mini-batches");
        BatchOption.RequireRoom(Name, samples / _batch, network.ParameterCount, "gradients of mini-batches");
        return
        [
            new("directions", [_directions]),
            new("hill", [_directions]),
            new("coordinates", []),
            new("layers", [network.Layers]),
            new("pooled", []),
            new("pooling-misleads", []),
        ];
    }

    public long WorkSpace(Network network) =>
        MiniBatchNoise.Space(network, _samples, _batches, _batch) + CoordinateNoise.Space(network, _samples, _batch);

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new TailIndex
        {
            _batches = Divisible(Whole(options["batches"])),
            _directions = Whole(options["directions"]),
            _batch = Whole(options["batch"]),
        };

    public IQuantity ForSamples(int samples, int? batch) =>
        new TailIndex
        {
            _batches = _batches,
            _directions = _directions,
            _batch = BatchOption.Size(Name, _batch, samples, batch),
            _samples = samples,
        };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        MiniBatchNoise noise = new(snapshot, _batches, _batch);
        double[] stable = new double[snapshot.Replicas * _directions];
        double[] hill = new double[stable.Length];
        int sum = StableTailIndex.SumLength(_batches);
        for (int first = 0; first < _directions; first += MiniBatchNoise.Block)
        {
            int count = Math.Min(MiniBatchNoise.Block, _directions - first);
            double[] along = noise.Along(noise.RandomDirections(first, count), count);
            noise.Parallel(
                snapshot.Replicas * count,
                item =>
                {
                    Span<double> sample = along.AsSpan(item * _batches, _batches);
                    int to = (item / count * _directions) + first + (item % count);
                    stable[to] = StableTailIndex.Mean(sample, sum);
                    System.Numerics.Tensors.TensorPrimitives.Abs(sample, sample);
                    sample.Sort();
                    hill[to] = HillEstimator.Of(sample, Math.Max(1, _batches / 10));
                }
            );
        }

        double[] coordinates = CoordinateNoise.OverBatches(snapshot, noise, _batches);
        double[] pooled = CoordinateNoise.Pooled(snapshot, noise, _batch);
        int layers = snapshot.Network.Layers;
        int length = (2 * _directions) + 3 + layers;
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Span<double> own = values.Slice(r * length, length);
            stable.AsSpan(r * _directions, _directions).CopyTo(own);
            hill.AsSpan(r * _directions, _directions).CopyTo(own[_directions..]);
            ReadOnlySpan<double> checks = coordinates.AsSpan(r * (1 + layers), 1 + layers);
            checks.CopyTo(own[(2 * _directions)..]);
            double ratio = pooled[r] / checks[0];
            own[^2] = pooled[r];
            own[^1] =
                double.IsNaN(ratio) ? double.NaN
                : Math.Abs(ratio - 1) > Allowed ? 1
                : 0;
        }
    }

    private static int Divisible(int batches) =>
        StableTailIndex.SumLength(batches) > 1
            ? batches
            : throw new HesseException(
                ExitCode.BadData,
                $"tail-index: batches {batches} is prime, so that no sums of equally many mini-batches can be formed; give {batches - 1} or {batches + 1}"
            );

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
