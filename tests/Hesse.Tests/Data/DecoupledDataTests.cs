using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Tests.Data;

[Trait("Category", "Numerical")]
public sealed class DecoupledDataTests
{
    private const ulong Seed = 1907;
    private const int Many = 40_000;

    private static readonly DecoupledDataSpec Small = new()
    {
        Scales = [2, 0.5, 0.25],
        Samples = 50,
        TestSamples = 20,
    };

    [Fact]
    public void Every_sample_lies_on_one_axis_and_has_a_linear_target()
    {
        IDataSource source = Open(Small);
        (source.Dimension, source.Outputs, source.Samples, source.TestSamples).ShouldBe((3, 1, 50, 20));
        foreach (DataSet data in new[] { source.Training(0, 1), source.Test(0, 1)! })
        {
            for (int n = 0; n < data.Samples; n++)
            {
                double[] x = data.Inputs[(3 * n)..(3 * (n + 1))];
                x.Count(value => value != 0).ShouldBe(1);
                int axis = Array.FindIndex(x, value => value != 0);
                double slope = NormalDeviates.At(Seed, (uint)axis, 0, 0, RandomStream.DataTarget);
                data.Targets![n].ShouldBe(slope * x[axis], 1e-14 * Math.Abs(x[axis]));
            }
        }

        source.Test(0, 1)!.Inputs[..60].ShouldNotBe(source.Training(0, 1).Inputs[..60]);
    }

    [Fact]
    public void Moments_are_those_of_the_papers_distribution()
    {
        // Axes are independent of z ~ N(0, 2): E x^2 = scale^2, E x^4 = 6 scale^4. Five standard errors of the sample moments.
        double[] x = Open(new DecoupledDataSpec { Scales = [1, 0.5], Samples = Many }).Training(0, 1).Inputs;
        for (int axis = 0; axis < 2; axis++)
        {
            double scale = axis == 0 ? 1 : 0.5;
            double[] own = [.. x.Where((_, i) => i % 2 == axis).Select(value => value / scale)];
            ((double)own.Count(value => value != 0)).ShouldBe(Many / 2.0, 5 * Math.Sqrt(Many / 4.0));
            own.Average(value => value * value).ShouldBe(1, 5 * Math.Sqrt(5.0 / Many));
            // Var x^4 = E x^8 - 36 = (1/2) 16 105 - 36.
            own.Average(value => Math.Pow(value, 4)).ShouldBe(6, 5 * Math.Sqrt(804.0 / Many));
        }
    }

    [Fact]
    public void A_replicas_own_set_depends_on_its_index_alone()
    {
        IDataSource own = Open(Small with { PerReplica = true });
        DataSet wave = own.Training(4, 2);
        wave.InputsOf(1).ToArray().ShouldBe(own.Training(5, 1).Inputs);
        own.Test(4, 2)!.TargetsOf(1).ToArray().ShouldBe(own.Test(5, 1)!.Targets);
        Open(Small).Training(4, 2).Inputs.ShouldBe(own.Training(0, 1).Inputs);
    }

    private static IDataSource Open(DecoupledDataSpec spec) => DecoupledData.Open(spec, Seed, Precision.Float64);
}
