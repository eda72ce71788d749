using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class AdamWTests
{
    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Ten_updates_of_a_quadratic(string backend)
    {
        AdamWSpec adamw = new() { StepSize = new(0.1), WeightDecay = new(0.1) };
        double[] found = Quadratic.Train(backend, adamw, 10, Quadratic.Curvatures)[10];
        found[0].ShouldBe(0.033605555961076, Quadratic.Tolerance(1));
    }
}
