using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class AdagradTests
{
    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Ten_updates_of_a_quadratic(string backend)
    {
        double[] found = Quadratic.Train(backend, new AdagradSpec { StepSize = new(0.1) }, 10, Quadratic.Curvatures)[
            10
        ];
        found[0].ShouldBe(0.553731200377734, Quadratic.Tolerance(1));
    }
}
