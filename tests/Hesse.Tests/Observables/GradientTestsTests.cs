using Hesse.Tests.Backends;

namespace Hesse.Tests.Observables;

/// <summary>Values computed independently in double precision for case B1, step size 0.1.</summary>
[Trait("Category", "Numerical")]
public sealed class GradientTestsTests
{
    // The values are printed with 15 digits.
    private const double Printed = 1e-10;

    private readonly Dictionary<string, double[]> _found = QuantityValues.Of(
        "gradient-tests",
        ReferenceCases.B1,
        new Dictionary<string, string> { ["step-size"] = "0.1" }
    );

    [Theory]
    [InlineData("norm", 0.496672306223858)]
    [InlineData("inner-product", 0.209417166522253)]
    [InlineData("orthogonality", 0.450364108400654)]
    [InlineData("gsnr", 0.503887171206128)]
    [InlineData("tic-trace", 0.842353841741507)]
    [InlineData("tic-diagonal", 7.74985672099288)]
    [InlineData("eb-criterion", -2.52740674751101)]
    [InlineData("cabs", 0.556841598001451)]
    public void B1_has_the_independent_values(string part, double expected) =>
        _found[part].ShouldHaveSingleItem().ShouldBe(expected, Printed * Math.Abs(expected));

    [Fact]
    public void Squared_norm_test_is_the_sum_of_the_other_two_and_the_noise_scale_over_N()
    {
        double square = Square("norm");
        square.ShouldBe(Square("inner-product") + Square("orthogonality"), Printed);
        square.ShouldBe(QuantityValues.Of("noise-scale", ReferenceCases.B1)[""][0] / 8, Printed);
    }

    [Fact]
    public void One_sample_has_no_variance()
    {
        Dictionary<string, double[]> found = QuantityValues.Of(
            "gradient-tests",
            RandomProblems.Make(
                [3, 2],
                [true],
                Hesse.Networks.Activation.Tanh,
                Hesse.Networks.Loss.Mse,
                samples: 1,
                replicas: 1,
                shift: 2
            )
        );
        foreach (string part in new[] { "norm", "inner-product", "orthogonality", "eb-criterion" })
        {
            found[part][0].ShouldBe(double.NaN, part);
        }

        // Nothing but the offset stands below g_i^2.
        found["gsnr"][0].ShouldBeGreaterThan(100);
        found["cabs"][0].ShouldBe(0, 1e-12);
    }

    private double Square(string part) => _found[part][0] * _found[part][0];
}
