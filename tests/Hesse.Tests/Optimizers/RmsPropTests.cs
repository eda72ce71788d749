using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class RmsPropTests
{
    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Follows_its_formula(string backend)
    {
        RmsPropSpec rmsprop = new()
        {
            StepSize = new(0.1),
            Decay = new(0.9),
            Epsilon = new(0.5),
        };
        Quadratic.Train(backend, rmsprop, 10, Quadratic.Curvatures).ShouldFollow(Path, Quadratic.Curvatures);

        static IEnumerable<double> Path(double h)
        {
            (double w, double v) = (1, 0);
            while (true)
            {
                yield return w;
                v = (0.9 * v) + (0.1 * h * w * h * w);
                w -= 0.1 * h * w / (Math.Sqrt(v) + 0.5);
            }
        }
    }
}
