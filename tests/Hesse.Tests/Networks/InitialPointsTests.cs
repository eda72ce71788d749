using Hesse.Backends;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;
using Hesse.Stores;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Networks;

[Trait("Category", "Numerical")]
public class InitialPointsTests
{
    private const ulong Seed = 1907;
    private static readonly int[] Widths = [6, 4, 3];
    private static readonly Network Net = new(Widths, [true], Activation.Relu, Loss.CrossEntropy);

    private static NetworkSpec Rule(Initialization rule, params double[] gain) =>
        new()
        {
            Hidden = [4],
            Initialization = rule,
            Gain = gain.Length == 0 ? null : gain,
        };

    private static double[] Draw(NetworkSpec spec, int replica, Precision precision = Precision.Float64)
    {
        double[] parameters = new double[Net.ParameterCount];
        Array.Fill(parameters, double.NaN);
        InitialPoints.Create(spec, Net, Seed, precision)(replica, parameters);
        return parameters;
    }

    // Bound or standard deviation of the weights of the two layers, fan-in 6 and 4, fan-out 4 and 3.
    public static TheoryData<Initialization, double[], double, double> Scales =>
        new()
        {
            { Initialization.Pytorch, [], 1 / Math.Sqrt(6), 0.5 },
            { Initialization.HeNormal, [], Math.Sqrt(2.0 / 6), Math.Sqrt(2.0 / 4) },
            { Initialization.HeNormal, [3], 3 / Math.Sqrt(6), 1.5 },
            { Initialization.HeUniform, [], 1, Math.Sqrt(1.5) },
            { Initialization.HeUniform, [1, 2], Math.Sqrt(0.5), Math.Sqrt(3) },
            { Initialization.XavierNormal, [], Math.Sqrt(0.2), Math.Sqrt(2.0 / 7) },
            { Initialization.XavierNormal, [1, 2], Math.Sqrt(0.2), Math.Sqrt(8.0 / 7) },
            { Initialization.XavierUniform, [], Math.Sqrt(0.6), Math.Sqrt(6.0 / 7) },
            { Initialization.XavierUniform, [0.5], Math.Sqrt(0.6) / 2, Math.Sqrt(6.0 / 7) / 2 },
        };

    [Theory]
    [MemberData(nameof(Scales))]
    public void Every_rule_has_its_bound_or_deviation(Initialization rule, double[] gain, double first, double second)
    {
        const int Replicas = 4000;
        bool normal = rule is Initialization.HeNormal or Initialization.XavierNormal;
        List<double>[] weights =
        [
            [],
            [],
        ];
        List<double>[] biases =
        [
            [],
            [],
        ];
        InitialPoint point = InitialPoints.Create(Rule(rule, gain), Net, Seed, Precision.Float64);
        double[] parameters = new double[Net.ParameterCount];
        for (int replica = 0; replica < Replicas; replica++)
        {
            point(replica, parameters);
            for (int layer = 1; layer <= 2; layer++)
            {
                weights[layer - 1].AddRange(parameters[Net.WeightOffset(layer)..Net.BiasOffset(layer)]);
                biases[layer - 1].AddRange(parameters[Net.BiasOffset(layer)..Net.WeightOffset(layer + 1)]);
            }
        }

        double[] scales = [first, second];
        for (int layer = 0; layer < 2; layer++)
        {
            IEnumerable<double> drawn =
                rule == Initialization.Pytorch ? weights[layer].Concat(biases[layer]) : weights[layer];
            double[] values = [.. drawn];
            double deviation = normal ? scales[layer] : scales[layer] / Math.Sqrt(3);
            // Five standard errors of the mean and of the mean square (relative variance 2 normal, 4/5 uniform).
            double error = 5 / Math.Sqrt(values.Length);
            values.Average().ShouldBe(0, error * deviation);
            (values.Average(v => v * v) / (deviation * deviation)).ShouldBe(1, error * Math.Sqrt(normal ? 2 : 0.8));
            if (!normal)
            {
                values.ShouldAllBe(v => Math.Abs(v) < scales[layer]);
                values.Max(Math.Abs).ShouldBeGreaterThan(0.999 * scales[layer]);
            }

            if (rule != Initialization.Pytorch)
            {
                biases[layer].ShouldAllBe(v => v == 0);
            }
        }
    }

    [Fact]
    public void Element_i_of_the_stream_is_parameter_i()
    {
        double[] uniform = Draw(Rule(Initialization.XavierUniform), 5);
        double[] normal = Draw(Rule(Initialization.XavierNormal), 5);
        foreach (int i in new[] { 0, 1, 23, Net.WeightOffset(2), Net.WeightOffset(2) + 11 })
        {
            bool first = i < Net.WeightOffset(2);
            double u = UniformDeviates.At(Seed, (uint)i, 0, 5, RandomStream.InitialParameters);
            uniform[i].ShouldBe(Math.Sqrt(6.0 / (first ? 10 : 7)) * ((2 * u) - 1));
            double z = NormalDeviates.At(Seed, (uint)i, 0, 5, RandomStream.InitialParameters);
            normal[i].ShouldBe(Math.Sqrt(2.0 / (first ? 10 : 7)) * z);
        }
    }

    [Theory]
    [InlineData(Initialization.Pytorch)]
    [InlineData(Initialization.HeNormal)]
    public void Float32_is_float64_rounded_once(Initialization rule)
    {
        double[] wide = Draw(Rule(rule), 9);
        double[] narrow = Draw(Rule(rule), 9, Precision.Float32);
        narrow.ShouldBe(wide.Select(v => (double)(float)v));
        narrow.ShouldNotBe(wide);
    }

    [Fact]
    public void Replicas_differ_unless_they_share_the_point_of_replica_0()
    {
        NetworkSpec own = Rule(Initialization.Pytorch);
        NetworkSpec shared = own with { SharedInitialization = true };
        Draw(own, 1).ShouldNotBe(Draw(own, 0));
        Draw(shared, 0).ShouldBe(Draw(own, 0));
        Draw(shared, 17).ShouldBe(Draw(own, 0));
    }

    [Fact]
    public void A_net_without_biases_has_none()
    {
        Network bare = new(Widths, [false], Activation.Relu, Loss.CrossEntropy);
        double[] parameters = new double[bare.ParameterCount];
        InitialPoints.Create(Rule(Initialization.HeNormal), bare, Seed, Precision.Float64)(0, parameters);
        parameters.ShouldAllBe(v => v != 0);
    }

    [Fact]
    public void Gains_must_fit_the_layers()
    {
        HesseException failure = Should.Throw<HesseException>(() =>
            InitialPoints.Create(Rule(Initialization.HeNormal, 1, 2, 3), Net, Seed, Precision.Float64)
        );
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldBe("network.gain has 3 values for 2 layers; give one, or one a layer");
    }

    [Fact]
    public void A_file_gives_one_point_to_all_or_one_to_each()
    {
        using TemporaryFolder folder = new();
        int p = Net.ParameterCount;
        double[] values = [.. Enumerable.Range(0, 3 * p).Select(i => i / 3.0)];
        NpyFile.Write<double>(folder.PathOf("each.npy"), NpyType.Float64, [3, p], values);
        NpyFile.Write<double>(folder.PathOf("all.npy"), NpyType.Float32, [p], values.AsSpan(0, p));
        NetworkSpec each = Rule(Initialization.Npy) with { InitialParameters = folder.PathOf("each.npy") };
        NetworkSpec all = each with { InitialParameters = folder.PathOf("all.npy") };
        Draw(each, 2).ShouldBe(values[(2 * p)..]);
        Draw(each, 2, Precision.Float32).ShouldBe(values[(2 * p)..].Select(v => (double)(float)v));
        Draw(each with { SharedInitialization = true }, 2).ShouldBe(values[..p]);
        Draw(all, 17).ShouldBe(values[..p].Select(v => (double)(float)v));
        HesseException failure = Should.Throw<HesseException>(() => Draw(each, 3));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldEndWith("holds 3 initial points, replica 3 has none");
    }

    [Fact]
    public void Files_that_do_not_fit_are_refused()
    {
        using TemporaryFolder folder = new();
        NetworkSpec spec = Rule(Initialization.Npy) with { InitialParameters = folder.PathOf("a.npy") };
        Should.Throw<HesseException>(() => Draw(spec, 0)).Code.ShouldBe(ExitCode.InputMissing);
        NpyFile.Write<double>(folder.PathOf("a.npy"), NpyType.Float64, [2, 5], new double[10]);
        HesseException shape = Should.Throw<HesseException>(() => Draw(spec, 0));
        shape.Code.ShouldBe(ExitCode.BadData);
        shape.Message.ShouldEndWith("a.npy: has shape (2, 5); the network needs (43,) or (replicas, 43)");
        double[] values = new double[2 * 43];
        values[43 + 7] = double.NaN;
        NpyFile.Write<double>(folder.PathOf("a.npy"), NpyType.Float64, [2, 43], values);
        Should.Throw<HesseException>(() => Draw(spec, 0)).Message.ShouldEndWith("parameter 7 of row 1 is not finite");
        Should
            .Throw<HesseException>(() => Draw(Rule(Initialization.Npy), 0))
            .Message.ShouldStartWith("network.initialization npy needs");
    }
}
