using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class AdaPnmTests
{
    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Follows_its_formula(string backend)
    {
        // beta2 so small that v falls again: the largest v so far must stay.
        AdaPnmSpec adapnm = new()
        {
            StepSize = new(0.2),
            Beta1 = new(0.8),
            Beta2 = new(0.3),
            Beta0 = new(0.7),
            Epsilon = new(0.1),
        };
        Quadratic.Train(backend, adapnm, 12, Quadratic.Curvatures).ShouldFollow(Path, Quadratic.Curvatures);

        static IEnumerable<double> Path(double h)
        {
            double size = Math.Sqrt((1.7 * 1.7) + (0.7 * 0.7));
            (double w, double v, double largest) = (1, 0, 0);
            double[] momenta = [0, 0];
            for (int t = 1; ; t++)
            {
                yield return w;
                double g = h * w;
                momenta[0] = (0.8 * 0.8 * momenta[0]) + ((1 - (0.8 * 0.8)) * g);
                v = (0.3 * v) + (0.7 * g * g);
                largest = Math.Max(largest, v);
                double root = (Math.Sqrt(largest) / Math.Sqrt(1 - Math.Pow(0.3, t))) + 0.1;
                double direction = ((1.7 * momenta[0]) - (0.7 * momenta[1])) / size;
                w -= 0.2 / (1 - Math.Pow(0.8, t)) * direction / root;
                Array.Reverse(momenta);
            }
        }
    }
}
