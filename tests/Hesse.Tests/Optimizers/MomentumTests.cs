using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class MomentumTests
{
    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Ten_updates_of_a_quadratic(string backend)
    {
        MomentumSpec momentum = new() { StepSize = new(0.01), Momentum = new(0.9) };
        double[] found = Quadratic.Train(backend, momentum, 10, Quadratic.Curvatures)[10];
        found.ShouldBe([0.621079112470602, -0.5887893888, 0.175316481], Quadratic.Tolerance(1));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Ten_updates_with_dampening_and_weight_decay(string backend)
    {
        MomentumSpec momentum = new()
        {
            StepSize = new(0.01),
            Momentum = new(0.9),
            Dampening = new(0.5),
            WeightDecay = new(0.1),
        };
        double[] found = Quadratic.Train(backend, momentum, 10, Quadratic.Curvatures)[10];
        found.ShouldBe([0.750575130666194, -0.427210292049279, -0.331997319001043], Quadratic.Tolerance(1));
    }

    [Theory]
    [InlineData("reference", 0.5)]
    [InlineData("reference", 0.9)]
    [InlineData("cpu", 0.5)]
    [InlineData("cpu", 0.9)]
    public void Diverges_beyond_two_plus_two_momentum(string backend, double momentum)
    {
        MomentumSpec At(double share) =>
            new() { StepSize = new(share * (2 + (2 * momentum))), Momentum = new(momentum) };
        Math.Abs(Quadratic.Train(backend, At(0.99), 600, 1)[600][0]).ShouldBeLessThan(1e-6);
        Math.Abs(Quadratic.Train(backend, At(1.01), 600, 1)[600][0]).ShouldBeGreaterThan(1e6);
    }
}
