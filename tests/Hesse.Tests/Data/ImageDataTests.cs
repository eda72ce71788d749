using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Data;

[Trait("Category", "Numerical")]
public sealed class ImageDataTests
{
    [Fact]
    public void Test_pixels_are_the_clean_image_and_training_pixels_have_noise()
    {
        ImageDataSpec spec = new() { Side = 64, Noise = 0.2 };
        IDataSource data = ImageData.Open(spec, 3, Precision.Float64);
        DataSet noisy = data.Training(0, 1);
        DataSet clean = data.Test(0, 1)!;
        noisy.Samples.ShouldBe(64 * 64);
        noisy.Inputs.ShouldBe(clean.Inputs);
        // Centres of the first and last pixel, x first.
        noisy.Inputs[..4].ShouldBe([-1 + (1.0 / 64), -1 + (1.0 / 64), -1 + (3.0 / 64), -1 + (1.0 / 64)]);
        noisy.Inputs[^2..].ShouldBe([1 - (1.0 / 64), 1 - (1.0 / 64)]);
        double[] noise = [.. noisy.Targets!.Zip(clean.Targets!, (a, b) => a - b)];
        // Four standard errors of mean and variance of 4096 normal numbers.
        noise.Average().ShouldBe(0, 4 * 0.2 / 64);
        noise.Average(e => e * e).ShouldBe(0.04, 4 * 0.04 * Math.Sqrt(2) / 64);
    }

    [Fact]
    public void The_image_has_a_disc_a_ring_and_stripes()
    {
        ImageData.Brightness(-0.4, -0.4).ShouldBe(0.9);
        ImageData.Brightness(0.4, -0.3).ShouldBe(0.3 + (0.2 * -0.3));
        ImageData.Brightness(0.4 + 0.35, -0.3).ShouldBe(0);
        ImageData.Brightness(-0.7, 0.5).ShouldBe(0.7);
        ImageData.Brightness(-0.5, 0.5).ShouldBe(0.1);
        ImageData.Brightness(0.9, 0.9).ShouldBe(0.3 + (0.2 * 0.9));
        IDataSource data = ImageData.Open(new ImageDataSpec { Side = 40 }, 3, Precision.Float64);
        data.Test(0, 1)!.Targets!.ShouldAllBe(brightness => brightness >= 0 && brightness <= 1);
    }

    [Fact]
    public void Replicas_share_the_image_and_may_have_their_own_noise()
    {
        ImageDataSpec spec = new() { Side = 8, PerReplica = true };
        IDataSource data = ImageData.Open(spec, 3, Precision.Float32);
        DataSet both = data.Training(4, 2);
        both.TargetsOf(0).ToArray().ShouldNotBe(both.TargetsOf(1).ToArray());
        both.TargetsOf(1).ToArray().ShouldBe(data.Training(5, 1).TargetsOf(0).ToArray());
        DataSet clean = data.Test(4, 2)!;
        clean.TargetsOf(0).ToArray().ShouldBe(clean.TargetsOf(1).ToArray());
        ImageData.Open(spec with { PerReplica = false }, 3, Precision.Float32).Training(9, 2).Sets.ShouldBe(1);
    }
}
