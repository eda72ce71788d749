using Hesse.Backends;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Backends.Cpu.Updates;
using Hesse.Networks;
using Hesse.Optimizers;
using Hesse.Specs;
using Hesse.Tests.Backends.Cpu.Lanes;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed unsafe class WeightRescalingTests
{
    // Rounding of a sum of some hundred squares, of a root and of a division.
    private const double Rounding = 1e-14;

    private static readonly Network s_network = new([3, 7, 2], [true, false], Activation.Tanh, Loss.Mse);

    public static TheoryData<string, string> Rules
    {
        get
        {
            TheoryData<string, string> rules = [];
            foreach (string name in EveryRule.ByName.Keys)
            {
                rules.Add(name, "reference");
                rules.Add(name, "cpu");
            }

            return rules;
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Norms_stay_one_and_the_first_step_moves_biases_as_without(string name, string backend)
    {
        TrainingProblem plain = Problem(name, rescaleWeights: false);
        TrainingProblem rescaled = Problem(name, rescaleWeights: true);
        Network network = plain.Network;
        using IBackend opened = BackendSelector.Open(backend, 1);
        using IReplicas before = opened.CreateReplicas(plain, 0, 1);
        using IReplicas after = opened.CreateReplicas(rescaled, 0, 1);
        double[] expected = new double[network.ParameterCount];
        double[] found = new double[network.ParameterCount];
        before.Advance(1);
        before.CopyParameters(expected);
        for (int step = 1; step <= 9; step++)
        {
            after.Advance(1);
            after.CopyParameters(found);
            for (int layer = 1; layer <= network.Layers; layer++)
            {
                Norm(found[network.WeightOffset(layer)..network.BiasOffset(layer)]).ShouldBe(1, Rounding);
                if (step == 1)
                {
                    Range weights = network.WeightOffset(layer)..network.BiasOffset(layer);
                    Range bias = network.BiasOffset(layer)..network.WeightOffset(layer + 1);
                    double norm = Norm(expected[weights]);
                    found[bias].ShouldBe(expected[bias]);
                    found[weights].ShouldBe([.. expected[weights].Select(w => w / norm)], Rounding);
                }
            }
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1e200)]
    public void A_matrix_without_a_finite_norm_above_zero_stays(double value)
    {
        double[] start = [.. Enumerable.Range(0, s_network.ParameterCount).Select(i => i < 21 ? value : 3)];
        double[] reference = [.. start];
        WeightRescaling.Run(s_network, reference);
        double[] single = [.. start];
        double[] lanes = [.. start.SelectMany(x => new[] { x, x, x, x })];
        fixed (
            double* begin = single,
                block = lanes
        )
        {
            WeightRescaling<Register256<double>, double>.Single(s_network, begin);
            WeightRescaling<Register256<double>, double>.Lanes(s_network, block);
        }

        reference[..28].ShouldBe(start[..28]);
        Norm(reference[28..]).ShouldBe(1, Rounding);
        single[..28].ShouldBe(start[..28]);
        Norm(single[28..]).ShouldBe(1, Rounding);
        for (int i = 0; i < lanes.Length; i++)
        {
            lanes[i].ShouldBe(single[i / 4]);
        }
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(x => x * x));

    private static TrainingProblem Problem(string name, bool rescaleWeights)
    {
        TrainingProblem problem = LaneReplicasTests.Problem(
            BatchOrder.Epochs,
            Loss.Mse,
            Activation.Tanh,
            Precision.Float64
        );
        return new TrainingProblem
        {
            Network = problem.Network,
            Precision = problem.Precision,
            Seed = problem.Seed,
            Data = problem.Data,
            Optimizer = EveryRule.Find(name, rescaleWeights),
            Batch = problem.Batch,
            InitialPoint = problem.InitialPoint,
        };
    }
}
