namespace Hesse.Specs;

/// <summary>Pixels of a grey image by their coordinates: (x, y) to brightness plus noise; the test samples are the clean image.</summary>
public sealed record ImageDataSpec : RegressionDataSpec
{
    /// <summary>Pixels a side.</summary>
    public int Side { get; init; } = 32;

    /// <summary>Standard deviation of the noise on the training pixels; brightness lies in [0, 1].</summary>
    public double Noise { get; init; } = 0.1;

    internal override (int Samples, int TestSamples, int Dimension, int Outputs) Shape =>
        (Side * Side, Side * Side, 2, 1);

    internal static Variant<DataSpec> Keys() =>
        new Variant<DataSpec, ImageDataSpec>(
            "image",
            "A grey image of a disc, a ring and stripes: two coordinates to brightness. Training pixels have noise, test pixels none.",
            new ImageDataSpec(),
            new SpecKey<ImageDataSpec, int>(
                "side",
                new IntegerKind<int>(2, MostPixels),
                s => s.Side,
                (s, v) => s with { Side = v },
                "Pixels a side; side^2 training and test samples."
            ),
            new SpecKey<ImageDataSpec, double>(
                "noise",
                new NumberKind(0),
                s => s.Noise,
                (s, v) => s with { Noise = v },
                "Standard deviation of normal noise on the training pixels."
            ),
            PerReplicaKey<ImageDataSpec>()
        );

    // side^2 stays below 2^31.
    private const int MostPixels = 46_340;
}
