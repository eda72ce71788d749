using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class SignSgdTests
{
    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Walks_by_whole_steps_and_rests_where_the_gradient_is_zero(string backend)
    {
        double[][] path = Quadratic.Train(backend, new SignSgdSpec { StepSize = new(0.25) }, 6, 1, 0, 100);
        path.Select(w => w[0]).ShouldBe([1, 0.75, 0.5, 0.25, 0, 0, 0]);
        path.ShouldAllBe(w => w[1] == 1);
        double[][] beyond = Quadratic.Train(backend, new SignSgdSpec { StepSize = new(0.75) }, 3, 1, 2);
        beyond.Select(w => w[1]).ShouldBe([1, 0.25, -0.5, 0.25]);
    }
}
