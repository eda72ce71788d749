using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class AdamTests
{
    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Updates_of_a_quadratic(string backend)
    {
        double[][] path = Quadratic.Train(backend, new AdamSpec { StepSize = new(0.1) }, 10, Quadratic.Curvatures);
        path[2][0].ShouldBe(0.800412229712338, Quadratic.Tolerance(1));
        path[10][0].ShouldBe(0.076249160619755, Quadratic.Tolerance(1));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Weight_decay_adds_to_the_gradient(string backend)
    {
        AdamSpec decayed = new() { StepSize = new(0.1), WeightDecay = new(2) };
        double[] found = Quadratic.Train(backend, decayed, 10, 1, 10)[10];
        double[] expected = Quadratic.Train(backend, decayed with { WeightDecay = new(0) }, 10, 3, 12)[10];
        found.ShouldBe(expected, Quadratic.Tolerance(1));
    }
}
