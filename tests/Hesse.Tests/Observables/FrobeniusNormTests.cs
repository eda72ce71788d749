using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class FrobeniusNormTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Estimate_is_exact_where_the_sketch_holds_the_whole_range(bool multinomial)
    {
        ReferenceCase it = multinomial ? ReferenceCases.A3 : ReferenceCases.A1;
        double[] found = Estimate(it.At());
        using CpuBackend backend = new(1);
        found[0].ShouldBe(new Measurement(backend, it.At()).FrobeniusNorms[0], 1e-10);
        found[1].ShouldBe(0, 1e-10);
    }

    [Fact]
    public void Estimate_lies_within_its_standard_errors()
    {
        // Two replicas of a net with 635 parameters.
        Points points = RandomProblems.Make([20, 25, 4], [true, false], Activation.Tanh, Loss.Mse, 10, 2, 3);
        using CpuBackend backend = new(2);
        double[] exact = new Measurement(backend, points).FrobeniusNorms;
        double[] found = Estimate(points);
        for (int r = 0; r < 2; r++)
        {
            found[(2 * r) + 1].ShouldBeInRange(1e-6 * exact[r], 0.03 * exact[r]);
            found[2 * r].ShouldBe(exact[r], 4 * found[(2 * r) + 1]);
        }
    }

    [Fact]
    public void Only_nets_beyond_the_limit_have_a_standard_error()
    {
        IQuantity quantity = Quantities.Get("frobenius-norm");
        Network small = new([90, 90], [true], Activation.Identity, Loss.Mse);
        Network large = new([90, 91], [true], Activation.Identity, Loss.Mse);
        small.ParameterCount.ShouldBeLessThanOrEqualTo(FrobeniusNorm.ExactUpTo);
        large.ParameterCount.ShouldBeGreaterThan(FrobeniusNorm.ExactUpTo);
        quantity.Parts(small, 5).Select(part => part.Name).ShouldBe([null]);
        quantity.Parts(large, 5).Select(part => part.Name).ShouldBe([null, "standard-error"]);
    }

    [Fact]
    public void Large_linear_nets_have_their_closed_form()
    {
        // H = 2/(N C) I x [X;1]^T [X;1], so ||H||_F = 2/(N C) sqrt(C) ||[X;1]^T [X;1]||_F.
        Network network = new([2048, 4], [true], Activation.Identity, Loss.Mse);
        const int samples = 3;
        Points points = new(
            network,
            new double[network.ParameterCount],
            ReferenceCases.DataFor(network, samples),
            Precision.Float64
        );
        double squares = 0;
        for (int i = 0; i < samples; i++)
        {
            for (int j = 0; j < samples; j++)
            {
                double product = 1;
                for (int k = 0; k < 2048; k++)
                {
                    product += points.Data.Inputs[(i * 2048) + k] * points.Data.Inputs[(j * 2048) + k];
                }

                squares += product * product;
            }
        }

        using CpuBackend backend = new(2);
        Dictionary<string, double[]> found = QuantityValues.Of("frobenius-norm", points, backend: backend);
        // Rank 12: inside the sketch.
        found[""][0].ShouldBe(2.0 / (samples * 4) * Math.Sqrt(4 * squares), 1e-8);
        found["standard-error"][0].ShouldBe(0, 1e-8);
    }

    private static double[] Estimate(Points points)
    {
        double[] values = new double[2 * points.Replicas];
        using CpuBackend backend = new(2);
        FrobeniusNorm.Estimate(QuantityValues.SnapshotOf(points, backend), values);
        return values;
    }
}
