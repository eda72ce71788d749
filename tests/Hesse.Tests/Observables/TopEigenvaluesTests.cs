using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Networks;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class TopEigenvaluesTests
{
    // Of values: residuals are at most 1e-6 of them, and errors of a symmetric matrix's eigenvalues not more.
    private const double Tolerance = 1e-6;

    [Theory]
    [InlineData("top-eigenvalues")]
    [InlineData("sharpness")]
    public void Both_methods_find_the_same_values_and_record_themselves(string name)
    {
        // Three replicas of a net with 84 parameters, where both can be asked for.
        Points points = RandomProblems.Make([5, 9, 3], [true], Activation.Tanh, Loss.CrossEntropy, 12, 3, 3);
        Dictionary<string, string> options = new() { ["tolerance"] = "1e-6" };
        if (name == "top-eigenvalues")
        {
            options["k"] = "3";
            options["smallest"] = "2";
        }

        using CpuBackend backend = new(2);
        options["method"] = "\"exact\"";
        Dictionary<string, double[]> exact = QuantityValues.Of(name, points, options, backend: backend);
        options["method"] = "\"lanczos\"";
        Dictionary<string, double[]> lanczos = QuantityValues.Of(name, points, options, backend: backend);
        options["method"] = "\"automatic\"";
        Dictionary<string, double[]> automatic = QuantityValues.Of(name, points, options, backend: backend);

        exact["iterations"].ShouldAllBe(products => products == 0);
        lanczos["iterations"].ShouldAllBe(products => products > 0);
        automatic[""].ShouldBe(exact[""]);
        automatic["iterations"].ShouldBe(exact["iterations"]);
        foreach (string part in exact.Keys.Where(part => part is "" or "smallest"))
        {
            for (int i = 0; i < exact[part].Length; i++)
            {
                lanczos[part][i].ShouldBe(exact[part][i], Tolerance * Math.Abs(exact[part][i]), part);
            }
        }

        lanczos["converged"].ShouldAllBe(converged => converged == 1);
    }
}
