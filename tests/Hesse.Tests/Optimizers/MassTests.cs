using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class MassTests
{
    private const double Alpha = 0.3;
    private const double Eta = 0.015;
    private const double Condition = 12;

    public static TheoryData<string> Backends => Quadratic.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    public void Follows_its_first_form(string backend)
    {
        MassSpec mass = new()
        {
            StepSize = new(0.012),
            SecondaryStepSize = new(0.004),
            Momentum = new(0.8),
        };
        Quadratic.Train(backend, mass, 20, Quadratic.Curvatures).ShouldFollow(Path, Quadratic.Curvatures);

        static IEnumerable<double> Path(double h)
        {
            (double w, double u) = (1, 1);
            while (true)
            {
                yield return w;
                double g = h * u;
                double next = u - (0.012 * g);
                u = (1.8 * next) - (0.8 * w) + (0.004 * g);
                w = next;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Follows_its_second_form(string backend)
    {
        // eta, alpha and kappa instead of eta1, eta2 and gamma; delta = eta / (alpha kappa).
        MassSpec mass = new()
        {
            StepSize = new(Eta),
            SecondaryStepSize = new(Eta * (1 - (1 / Condition)) / (1 + Alpha)),
            Momentum = new((1 - Alpha) / (1 + Alpha)),
        };
        Quadratic.Train(backend, mass, 20, Quadratic.Curvatures).ShouldFollow(Path, Quadratic.Curvatures);

        static IEnumerable<double> Path(double h)
        {
            const double delta = Eta / (Alpha * Condition);
            (double w, double u, double v) = (1, 1, 1);
            while (true)
            {
                yield return w;
                double g = h * u;
                w = u - (Eta * g);
                v = ((1 - Alpha) * v) + (Alpha * u) - (delta * g);
                u = ((Alpha * v) + w) / (1 + Alpha);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Without_compensation_its_parameters_are_a_gradient_step_from_those_of_nesterov(string backend)
    {
        MassSpec mass = new()
        {
            StepSize = new(0.01),
            SecondaryStepSize = new(0),
            Momentum = new(0.9),
        };
        NesterovSpec nesterov = new() { StepSize = new(0.01), Momentum = new(0.9) };
        double[][] w = Quadratic.Train(backend, mass, 15, Quadratic.Curvatures);
        double[][] u = Quadratic.Train(backend, nesterov, 14, Quadratic.Curvatures);
        for (int step = 0; step < u.Length; step++)
        {
            for (int i = 0; i < 3; i++)
            {
                double expected = u[step][i] * (1 - (0.01 * Quadratic.Curvatures[i]));
                w[step + 1][i].ShouldBe(expected, Quadratic.Tolerance(expected), $"step {step}");
            }
        }
    }
}
