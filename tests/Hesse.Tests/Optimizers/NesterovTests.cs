using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class NesterovTests
{
    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Ten_updates_of_a_quadratic(string backend)
    {
        NesterovSpec nesterov = new() { StepSize = new(0.01), Momentum = new(0.9) };
        double[] found = Quadratic.Train(backend, nesterov, 10, Quadratic.Curvatures)[10];
        found[0].ShouldBe(0.5826111148124198, Quadratic.Tolerance(1));
        found[1].ShouldBe(-0.346578171645727, Quadratic.Tolerance(1));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Weight_decay_adds_to_the_curvature(string backend)
    {
        NesterovSpec decayed = new()
        {
            StepSize = new(0.01),
            Momentum = new(0.9),
            WeightDecay = new(2),
        };
        NesterovSpec plain = decayed with { WeightDecay = new(0) };
        double[] found = Quadratic.Train(backend, decayed, 10, 1, 10)[10];
        found.ShouldBe(Quadratic.Train(backend, plain, 10, 3, 12)[10], Quadratic.Tolerance(1));
    }

    [Theory]
    [InlineData("reference", 0.5)]
    [InlineData("reference", 0.9)]
    [InlineData("cpu", 0.5)]
    [InlineData("cpu", 0.9)]
    public void Diverges_beyond_its_threshold(string backend, double momentum)
    {
        NesterovSpec At(double share) =>
            new() { StepSize = new(share * (2 + (2 * momentum)) / (1 + (2 * momentum))), Momentum = new(momentum) };
        Math.Abs(Quadratic.Train(backend, At(0.99), 900, 1)[900][0]).ShouldBeLessThan(1e-6);
        Math.Abs(Quadratic.Train(backend, At(1.01), 900, 1)[900][0]).ShouldBeGreaterThan(1e6);
    }
}
