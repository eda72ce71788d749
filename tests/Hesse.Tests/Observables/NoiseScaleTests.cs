using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class NoiseScaleTests
{
    // The values are printed with 15 digits.
    private const double Printed = 1e-10;

    public static TheoryData<string, double, double, double> Cases =>
        new()
        {
            { ReferenceCases.B1.Name, 1.9734670381578, 6.06396752601677, 2.31475237921851 },
            { ReferenceCases.B2.Name, 5.53079437830791, 4.74743561293154, 0.264934697944287 },
            { ReferenceCases.B3.Name, 3.88407128438007, 2.36915619042938, 0.31382270309997 },
            { ReferenceCases.B4.Name, 3.95701145110678, 9.27778673424856, 1.18492156230521 },
            { ReferenceCases.B5.Name, 3.87448646048733, 3.17269235013272, 0.42228129394258 },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scale_trace_and_unbiased_square_have_the_independent_values(
        string name,
        double scale,
        double trace,
        double square
    )
    {
        Dictionary<string, double[]> found = QuantityValues.Of(
            "noise-scale",
            ReferenceCases.All.Single(it => it.Name == name)
        );
        found[""][0].ShouldBe(scale, Printed * scale);
        found["covariance-trace"][0].ShouldBe(trace, Printed * trace);
        found["squared-gradient"][0].ShouldBe(square, Printed);
        found["unbiased"][0].ShouldBe(trace / square, Printed * trace / square);
        found["state"][0].ShouldBe(1);
    }

    [Fact]
    public void Standard_errors_are_those_of_leaving_out_one_sample_after_the_other()
    {
        ReferenceCase it = ReferenceCases.B2;
        Dictionary<string, double[]>[] without =
        [
            .. Enumerable
                .Range(0, 8)
                .Select(left =>
                {
                    int[] rows = [.. Enumerable.Range(0, 8).Where(n => n != left)];
                    DataSet data = Hesse.Observables.Slices.ChooseRows(it.Data, [rows]);
                    return QuantityValues.Of(
                        "noise-scale",
                        new Points(it.Network, it.Parameters, data, Precision.Float64)
                    );
                }),
        ];
        Dictionary<string, double[]> found = QuantityValues.Of("noise-scale", it);
        found["standard-error"][0].ShouldBe(Jackknife(""), Printed);
        found["squared-gradient-standard-error"][0].ShouldBe(Jackknife("squared-gradient"), Printed);

        double Jackknife(string part)
        {
            double mean = without.Average(one => one[part][0]);
            return Math.Sqrt(without.Sum(one => Math.Pow(one[part][0] - mean, 2)) * 7 / 8);
        }
    }

    [Fact]
    public void Squares_of_single_and_whole_gradients_give_the_same_unbiased_numbers()
    {
        // McCandlish's two batch sizes, 1 and N.
        Dictionary<string, double[]> found = QuantityValues.Of("noise-scale", ReferenceCases.B1);
        double small = 8.37871990523528;
        double big = 3.07274831997061;
        found["squared-gradient"][0].ShouldBe(((8 * big) - small) / 7, Printed);
        found["covariance-trace"][0].ShouldBe((small - big) / (1 - (1.0 / 8)), Printed);
    }

    [Fact]
    public void Noise_that_hides_the_gradient_is_told()
    {
        // Single gradients -1, 1 and -0.1: their mean is far below their spread.
        Network network = new([1, 1], [false], Activation.Identity, Loss.HalfSquaredError);
        DataSet data = new(3, 1, 1, 1, [1, 1, 1], null, [1, -1, 0.1]);
        Dictionary<string, double[]> found = QuantityValues.Of(
            "noise-scale",
            new Points(network, new double[1], data, Precision.Float64)
        );
        found["state"][0].ShouldBe(0);
        found["squared-gradient"][0].ShouldBeLessThan(0);
        found["unbiased"][0].ShouldBe(double.NaN);
        found[""][0].ShouldBe((2.01 - (3 * 0.01 / 9)) / 2 / (0.01 / 9), 1e-6);
    }
}
