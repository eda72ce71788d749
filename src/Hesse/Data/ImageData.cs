using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Data;

/// <summary>
/// A grey image as a function of its pixels' centres (x, y) in (-1, 1)^2, row by row, x first: brightness 0.3 + 0.2 y plus what lies on it, a disc
/// (0.9), a ring (0) and stripes (0.1 and 0.7). Training targets are brightness + noise e_n with standard normal e; the test
/// samples are the same pixels without noise, so that test loss is the error against the clean image, whose signal-to-noise ratio is
/// PSNR = -10 log10(mse). Coordinates and a noisy image for the deep image prior (arXiv 2112.06074), made without files.
/// </summary>
internal static class ImageData
{
    public static IDataSource Open(ImageDataSpec spec, ulong seed, Precision precision) =>
        new GeneratedData(
            spec,
            precision,
            (replica, test, inputs, targets) =>
            {
                if (!test)
                {
                    NormalDeviates.Fill(seed, 0, 0, replica, RandomStream.DataTarget, targets);
                }

                for (int n = 0; n < targets.Length; n++)
                {
                    double x = Centre(n % spec.Side, spec.Side);
                    double y = Centre(n / spec.Side, spec.Side);
                    inputs[2 * n] = x;
                    inputs[(2 * n) + 1] = y;
                    targets[n] = Brightness(x, y) + (test ? 0 : spec.Noise * targets[n]);
                }
            }
        );

    /// <summary>The clean image at a point of [-1, 1]^2, in [0, 1].</summary>
    internal static double Brightness(double x, double y)
    {
        if (Distance(x + 0.4, y + 0.4) < 0.35)
        {
            return 0.9;
        }

        if (Math.Abs(Distance(x - 0.4, y + 0.3) - 0.35) < 0.1)
        {
            return 0;
        }

        return x is > -0.8 and < 0.8 && y is > 0.3 and < 0.8 ? Stripe(x) : 0.3 + (0.2 * y);
    }

    private static double Stripe(double x) => Math.Floor((x + 0.8) / 0.2) % 2 == 0 ? 0.7 : 0.1;

    private static double Distance(double x, double y) => Math.Sqrt((x * x) + (y * y));

    private static double Centre(int pixel, int side) => (((2.0 * pixel) + 1) / side) - 1;
}
