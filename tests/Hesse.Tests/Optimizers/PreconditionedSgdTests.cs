using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Optimizers;

[Trait("Category", "Numerical")]
public sealed class PreconditionedSgdTests
{
    public static TheoryData<string, PreconditionerSource> Cases
    {
        get
        {
            TheoryData<string, PreconditionerSource> cases = [];
            foreach (PreconditionerSource source in Enum.GetValues<PreconditionerSource>())
            {
                cases.Add("reference", source);
                cases.Add("cpu", source);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_step_is_divided_by_the_running_mean(string backend, PreconditionerSource source)
    {
        ReferenceCase b1 = ReferenceCases.B1;
        PreconditionedSgdSpec spec = new()
        {
            StepSize = new(0.02),
            From = source,
            Decay = new(0.6),
            Epsilon = new(1e-2),
            RescaleWeights = true,
        };
        using IBackend opened = BackendSelector.Open(backend, 1);
        using IReplicas replicas = opened.CreateReplicas(Problem(spec), 0, 1);
        double[] theta = b1.Parameters;
        double[] mean = new double[32];
        for (int step = 0; step < 3; step++)
        {
            Measurement at = new(opened, new Points(b1.Network, theta, b1.Data, Precision.Float64));
            double[] value = source switch
            {
                PreconditionerSource.Gradient => [.. at.Gradient.Select(g => g * g)],
                PreconditionerSource.SecondMoment => at.SecondMomentDiagonal,
                _ => [.. at.HessianDiagonal.Select(Math.Abs)],
            };
            mean = [.. mean.Zip(value, (v, s) => step == 0 ? s : (0.6 * v) + (0.4 * s))];
            double[] g = at.Gradient;
            theta =
            [
                .. theta.Select(
                    (t, i) =>
                        t
                        - (
                            0.02
                            * g[i]
                            / ((source == PreconditionerSource.HessianDiagonal ? mean[i] : Math.Sqrt(mean[i])) + 1e-2)
                        )
                ),
            ];
            Rescale(theta.AsSpan(0, 15));
            Rescale(theta.AsSpan(20, 10));
            replicas.Advance(1);
            double[] found = new double[32];
            replicas.CopyParameters(found);
            found.ShouldBe(theta, 1e-12);
        }
    }

    private static void Rescale(Span<double> weights)
    {
        double norm = Math.Sqrt(weights.ToArray().Sum(w => w * w));
        foreach (ref double weight in weights)
        {
            weight /= norm;
        }
    }

    private static TrainingProblem Problem(OptimizerSpec spec) =>
        new()
        {
            Network = ReferenceCases.B1.Network,
            Precision = Precision.Float64,
            Seed = 1,
            Data = new MemoryData(ReferenceCases.B1.Data),
            Optimizer = spec,
            Batch = new BatchSpec { Order = BatchOrder.Full },
            InitialPoint = (_, parameters) => ReferenceCases.B1.Parameters.CopyTo(parameters),
        };
}
