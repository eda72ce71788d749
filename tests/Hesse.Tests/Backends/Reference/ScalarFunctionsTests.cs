using Hesse.Backends.Reference;
using Hesse.Networks;
using Hesse.Tests.Backends.Cpu.Elementary;

namespace Hesse.Tests.Backends.Reference;

[Trait("Category", "Numerical")]
public class ScalarFunctionsTests
{
    // The platform's exp and log are within 1 ulp; each form makes two or three more roundings.
    private const double MostUlps = 5;

    // Numbers of the size of 1 that went through exp(-z^2/2) with a rounded z^2, |z| < 8.
    private const double Tolerance = 2e-14;

    [Fact]
    public void Log_of_one_plus_x_keeps_its_digits_near_zero()
    {
        foreach (double x in Arguments().Where(x => x > -1))
        {
            HighPrecision.LogP1(x).UlpsFrom(ScalarFunctions.LogOnePlus(x)).ShouldBeLessThan(MostUlps, $"{x:R}");
        }
    }

    [Fact]
    public void Exp_minus_one_keeps_its_digits_near_zero()
    {
        foreach (double x in Arguments())
        {
            HighPrecision.ExpM1(x).UlpsFrom(ScalarFunctions.ExpMinusOne(x)).ShouldBeLessThan(MostUlps, $"{x:R}");
        }
    }

    [Fact]
    public void Normal_distribution_is_that_of_erf()
    {
        foreach (double x in Arguments().Where(x => Math.Abs(x) < 8))
        {
            HighPrecision truth = (1 + HighPrecision.Erf(x / HighPrecision.SquareRoot(2))) / 2;
            ScalarFunctions.NormalDistribution(x).ShouldBe((double)truth, Tolerance, $"{x:R}");
        }
    }

    [Fact]
    public void Activations_agree_with_those_of_the_cpu_backend()
    {
        double[] z = [.. Arguments()];
        double[] a = new double[z.Length];
        double[] found = new double[z.Length];
        foreach (Activation phi in Enum.GetValues<Activation>())
        {
            Hesse.Backends.Cpu.Elementary.ActivationFunctions.Value<double>(phi, z, a);
            Agree(a, x => ScalarActivation.Value(phi, x));
            Hesse.Backends.Cpu.Elementary.ActivationFunctions.Slope<double>(phi, z, a, found);
            Agree(found, x => ScalarActivation.Slope(phi, x));
            Hesse.Backends.Cpu.Elementary.ActivationFunctions.Bend<double>(phi, z, a, found);
            Agree(found, x => ScalarActivation.Bend(phi, x));

            void Agree(double[] values, Func<double, double> scalar)
            {
                for (int i = 0; i < z.Length; i++)
                {
                    double expected = scalar(z[i]);
                    values[i].ShouldBe(expected, Tolerance * (1 + Math.Abs(expected)), $"{phi} at {z[i]:R}");
                }
            }
        }
    }

    private static IEnumerable<double> Arguments()
    {
        for (int k = -300; k <= 300; k++)
        {
            yield return k * 0.0473;
            yield return Math.Pow(10, -k / 20.0) * (k % 2 == 0 ? 1 : -0.3) * (k > 0 ? 1 : 1e-16);
        }
    }
}
