using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class PnmTests
{
    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Momenta_take_turns(string backend)
    {
        PnmSpec pnm = new()
        {
            StepSize = new(0.02),
            Beta1 = new(0.8),
            Beta0 = new(0.7),
            WeightDecay = new(0.3),
        };
        Quadratic.Train(backend, pnm, 12, Quadratic.Curvatures).ShouldFollow(Path, Quadratic.Curvatures);

        // Written out in pairs of updates: a is fresh in the odd ones, b in the even ones.
        static IEnumerable<double> Path(double h)
        {
            double size = Math.Sqrt((1.7 * 1.7) + (0.7 * 0.7));
            (double w, double a, double b) = (1, 0, 0);
            while (true)
            {
                yield return w;
                a = (0.64 * a) + (0.36 * h * w);
                w = (w * (1 - 0.006)) - (0.02 / size * ((1.7 * a) - (0.7 * b)));
                yield return w;
                b = (0.64 * b) + (0.36 * h * w);
                w = (w * (1 - 0.006)) - (0.02 / size * ((1.7 * b) - (0.7 * a)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void First_step_knows_one_momentum(string backend)
    {
        double[][] path = Quadratic.Train(backend, new PnmSpec { StepSize = new(1) }, 1, 1);
        path[1][0].ShouldBe(1 - (2 * (1 - 0.81) / Math.Sqrt(5)), Quadratic.Tolerance(1));
    }
}
