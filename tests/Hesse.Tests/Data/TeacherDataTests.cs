using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Tests.Data;

[Trait("Category", "Numerical")]
public sealed class TeacherDataTests
{
    private const ulong Seed = 1907;

    private static readonly TeacherDataSpec Small = new()
    {
        Hidden = [7, 3],
        Dimension = 5,
        Outputs = 2,
        Samples = 30,
        TestSamples = 11,
    };

    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Targets_are_the_outputs_of_a_net(Activation activation)
    {
        IDataSource source = Open(Small with { Activation = activation });
        Network net = new([5, 7, 3, 2], [false], activation, Loss.HalfSquaredError);
        double[] weights = new double[net.ParameterCount];
        NormalDeviates.Fill(Seed, 0, 0, 0, RandomStream.DataTarget, weights);
        for (int layer = 1; layer <= 3; layer++)
        {
            for (int i = net.WeightOffset(layer); i < net.BiasOffset(layer); i++)
            {
                weights[i] /= Math.Sqrt(net.Widths[layer - 1]);
            }
        }

        using IBackend reference = BackendSelector.Open("reference", 1);
        foreach (DataSet data in new[] { source.Training(0, 1), source.Test(0, 1)! })
        {
            double[] expected = new double[data.Samples * 2];
            reference.Logits(new Points(net, weights, data, Precision.Float64), expected);
            // Polynomials here, the C library there: 2 ulp each, and sums of seven terms of order 1.
            data.Targets!.ShouldBe(expected, 1e-13);
        }
    }

    [Fact]
    public void Inputs_are_normal_with_their_scales()
    {
        const int Samples = 20_000;
        TeacherDataSpec spec = new()
        {
            Hidden = [],
            Dimension = 2,
            Samples = Samples,
            Scales = [2, 0.5],
        };
        DataSet data = Open(spec).Training(0, 1);
        for (int axis = 0; axis < 2; axis++)
        {
            double scale = axis == 0 ? 2 : 0.5;
            double[] own = [.. data.Inputs.Where((_, i) => i % 2 == axis).Select(value => value / scale)];
            // Five standard errors of mean and variance.
            own.Average().ShouldBe(0, 5 / Math.Sqrt(Samples));
            own.Average(value => value * value).ShouldBe(1, 5 * Math.Sqrt(2.0 / Samples));
        }
    }

    [Fact]
    public void A_replicas_own_set_depends_on_its_index_alone()
    {
        IDataSource own = Open(Small with { PerReplica = true });
        DataSet wave = own.Training(4, 2);
        wave.TargetsOf(1).ToArray().ShouldBe(own.Training(5, 1).Targets);
        Open(Small).Training(4, 2).Targets.ShouldBe(own.Training(0, 1).Targets);
        own.Test(1, 1)!.Samples.ShouldBe(11);
    }

    [Fact]
    public void Scales_fit_the_dimension() =>
        Should
            .Throw<HesseException>(() => Open(Small with { Scales = [1, 2] }))
            .Message.ShouldContain("data.scales has 2 values for dimension 5");

    private static IDataSource Open(TeacherDataSpec spec) => TeacherData.Open(spec, Seed, Precision.Float64);
}
