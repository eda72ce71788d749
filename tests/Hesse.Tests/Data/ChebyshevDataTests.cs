using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Data;

[Trait("Category", "Numerical")]
public sealed class ChebyshevDataTests
{
    // The recurrence loses about degree^2 roundings.
    private const double Rounding = 1e-12;

    [Theory]
    [InlineData(0, 20)]
    [InlineData(1, 7)]
    [InlineData(4, 20)]
    [InlineData(5, 20)]
    [InlineData(17, 64)]
    public void Targets_are_the_polynomial_on_an_even_grid(int degree, int points)
    {
        DataSet data = Open(new ChebyshevDataSpec { Degree = degree, Points = points }).Training(0, 1);
        (data.Samples, data.Dimension, data.Outputs, data.Labels).ShouldBe((points, 1, 1, null));
        for (int i = 0; i < points; i++)
        {
            double x = -1 + (2.0 * i / (points - 1));
            data.Inputs[i].ShouldBe(x, 1e-15);
            data.Targets![i].ShouldBe(Math.Cos(degree * Math.Acos(data.Inputs[i])), Rounding);
        }
    }

    [Fact]
    public void The_grid_is_symmetric_and_ends_at_one()
    {
        double[] x = Open(new ChebyshevDataSpec()).Training(3, 2).Inputs;
        x[0].ShouldBe(-1);
        x.Select(value => -value).Reverse().ShouldBe(x);
        Open(new ChebyshevDataSpec { Points = 1 }).Training(0, 1).Inputs.ShouldBe([-1.0]);
    }

    [Fact]
    public void It_has_no_test_samples() => Open(new ChebyshevDataSpec()).Test(0, 1).ShouldBeNull();

    private static IDataSource Open(ChebyshevDataSpec spec) => ChebyshevData.Open(spec, Precision.Float64);
}
