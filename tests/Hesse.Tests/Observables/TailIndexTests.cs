using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Statistics;
using Hesse.Tests.Backends;
using Hesse.Tests.Statistics;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class TailIndexTests
{
    private const int Samples = 2000;
    private const int Coordinates = 50;
    private static readonly Dictionary<string, string> s_options = new()
    {
        ["batches"] = "400",
        ["directions"] = "40",
        ["batch"] = "10",
    };

    private readonly double[] _normal = NoiseSamples.Normal(Samples * Coordinates, 2);

    [Fact]
    public void Normal_noise_of_equal_scales_has_index_2_everywhere()
    {
        Dictionary<string, double[]> found = Of([.. Enumerable.Repeat(1.0, Coordinates)]);
        // Pooled over 10,000 numbers: standard deviation 0.1; each direction has 400, and all of them share the mini-batches.
        found["pooled"][0].ShouldBe(2, 0.3);
        found["coordinates"][0].ShouldBe(2, 0.2);
        found["directions"].Average().ShouldBe(2, 0.3);
        found["pooling-misleads"][0].ShouldBe(0);
        // The tail of normal numbers is thinner than that of any power.
        found["hill"].Average().ShouldBeGreaterThan(3);
    }

    [Fact]
    public void Normal_noise_of_unequal_scales_looks_heavy_tailed_when_pooled()
    {
        double[] scales = [.. NoiseSamples.Normal(Coordinates, 3).Select(x => Math.Exp(2 * x))];
        Dictionary<string, double[]> found = Of(scales);
        found["pooled"][0].ShouldBeLessThan(1.2);
        found["coordinates"][0].ShouldBe(2, 0.2);
        found["directions"].Average().ShouldBe(2, 0.3);
        found["pooling-misleads"][0].ShouldBe(1);
    }

    [Fact]
    public void Stable_noise_has_its_index_pooled_and_by_coordinate()
    {
        const double alpha = 1.3;
        double[] stable = StableSamples.Draw(alpha, Samples * Coordinates, 5);
        Points points = NoiseSamples.Of(Samples, [.. Enumerable.Repeat(1.0, Coordinates)], i => stable[i]);
        using CpuBackend backend = new(2);
        Dictionary<string, double[]> found = QuantityValues.Of("tail-index", points, s_options, null, backend);
        // Taking the sample mean away, and drawing from 2000 samples, both thin the tail a little.
        found["pooled"][0].ShouldBe(alpha, 0.2);
        found["coordinates"][0].ShouldBe(alpha, 0.2);
        found["hill"].Average().ShouldBeLessThan(2);
    }

    [Fact]
    public void Coordinates_without_noise_are_left_out_of_the_check_and_spoil_the_pooled_sample()
    {
        double[] scales = [.. Enumerable.Range(0, Coordinates).Select(i => i % 10 == 0 ? 1.0 : 0)];
        Dictionary<string, double[]> found = Of(scales);
        found["coordinates"][0].ShouldBe(2, 0.3);
        found["pooled"][0].ShouldBeLessThan(0.5);
        found["pooling-misleads"][0].ShouldBe(1);
    }

    [Fact]
    public void Pooled_is_the_published_estimate_of_the_mini_batches_in_order()
    {
        ReferenceCase it = ReferenceCases.B1;
        double[] each = new Measurement(new Hesse.Backends.Reference.ReferenceBackend(), it.At()).PerSampleGradients;
        // N = 8, B = 3: rows 0 .. 2 and 3 .. 5.
        double[] sample = new double[2 * 32];
        for (int i = 0; i < 32; i++)
        {
            double[] means =
            [
                .. Enumerable.Range(0, 2).Select(k => Enumerable.Range(3 * k, 3).Average(n => each[(n * 32) + i])),
            ];
            sample[i] = means[0] - means.Average();
            sample[32 + i] = means[1] - means.Average();
        }

        Dictionary<string, double[]> found = QuantityValues.Of(
            "tail-index",
            it,
            new Dictionary<string, string>(s_options) { ["batch"] = "3" }
        );
        found["pooled"][0].ShouldBe(StableTailIndex.Mean(sample, 8), 1e-9);
    }

    [Fact]
    public void Sums_of_the_check_run_over_mini_batches_of_one_coordinate()
    {
        ReferenceCase it = ReferenceCases.B1;
        const int batches = 20; // sums of 4
        using Hesse.Backends.Reference.ReferenceBackend backend = new();
        Measurement measured = new(backend, it.At());
        Hesse.Observables.MiniBatchNoise noise = new(QuantityValues.SnapshotOf(it.At(), backend), batches, 3);
        double[] growth = new double[32];
        for (int i = 0; i < 32; i++)
        {
            double[] x =
            [
                .. Enumerable
                    .Range(0, batches)
                    .Select(k =>
                        noise.Rows(0, k).ToArray().Average(n => measured.PerSampleGradients[(n * 32) + i])
                        - measured.Gradient[i]
                    ),
            ];
            double sums = x.Chunk(4).Average(four => Math.Log(Math.Abs(four.Sum())));
            growth[i] = sums - x.Average(one => Math.Log(Math.Abs(one)));
        }

        Dictionary<string, double[]> found = QuantityValues.Of(
            "tail-index",
            it,
            new Dictionary<string, string>(s_options) { ["batch"] = "3", ["batches"] = "20" }
        );
        found["coordinates"][0].ShouldBe(Math.Log(4) / growth.Average(), 1e-9);
        found["layers"][0].ShouldBe(Math.Log(4) / growth[..20].Average(), 1e-9);
        found["layers"][1].ShouldBe(Math.Log(4) / growth[20..].Average(), 1e-9);
    }

    [Fact]
    public void More_numbers_than_an_array_holds_are_refused()
    {
        Hesse.Networks.Network network = new(
            [1000, 100, 10],
            [true],
            Hesse.Networks.Activation.Relu,
            Hesse.Networks.Loss.CrossEntropy
        );
        Dictionary<string, string> options = new(s_options) { ["batch"] = "1" };
        Hesse.Observables.IQuantity quantity = Hesse
            .Observables.Quantities.Get("tail-index")
            .With(options)
            .ForSamples(60_000, 1);
        Should
            .Throw<HesseException>(() => quantity.Parts(network, 60_000))
            .Message.ShouldContain("60000 gradients of mini-batches of 101110 numbers");
        Dictionary<string, string> many = new(s_options) { ["batches"] = "100000", ["batch"] = "50000" };
        quantity = Hesse.Observables.Quantities.Get("tail-index").With(many).ForSamples(60_000, 1);
        Should.Throw<HesseException>(() => quantity.Parts(network, 60_000)).Code.ShouldBe(ExitCode.DoesNotFit);
    }

    private Dictionary<string, double[]> Of(double[] scales)
    {
        using CpuBackend backend = new(2);
        return QuantityValues.Of(
            "tail-index",
            NoiseSamples.Of(Samples, scales, i => _normal[i]),
            s_options,
            null,
            backend
        );
    }
}
