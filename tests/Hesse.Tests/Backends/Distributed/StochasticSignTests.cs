using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Distributed;
using Hesse.Backends.Stepwise;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;
using static Hesse.Tests.Backends.Distributed.DistributedCases;

namespace Hesse.Tests.Backends.Distributed;

[Trait("Category", "Numerical")]
public sealed class StochasticSignTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.3, 1)]
    [InlineData(-0.7, 1)]
    [InlineData(2, 2.5)]
    [InlineData(1, 1)]
    [InlineData(-1, 1)]
    [InlineData(3, 1)]
    public void A_bits_mean_is_the_gradient_over_b(double g, double b)
    {
        const int draws = 40_000;
        double sum = 0;
        for (uint i = 0; i < draws; i++)
        {
            sum += StochasticSign.Bit(g, b, UniformDeviates.At(3, i, 0, 0, RandomStream.OptimizerNoise));
        }

        double expected = Math.Clamp(g / b, -1, 1);
        // Four standard errors of a bit's mean; none where the bit is sure.
        (sum / draws).ShouldBe(expected, (4 * Math.Sqrt((1 - (expected * expected)) / draws)) + 1e-12);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_server_answers_the_votes_or_what_is_left_over_with_them(bool errorFeedback)
    {
        const int count = 4;
        WorkersSpec workers = Of(count, Aggregation.StoSign) with { Noise = 0.5, ErrorFeedback = errorFeedback };
        using CpuBackend cpu = new(1);
        TrainingProblem problem = Problem(workers, Precision.Float64);
        using StepwiseReplicas wave = Wave(cpu, problem, 1, r => new CentralUpdate(r, workers), out CentralUpdate rule);
        int p = wave.ParameterCount;
        WorkerVectors sent = new(count, 1, p);
        double[] answer = new double[p];
        double[] left = new double[p];
        for (int step = 0; step < 5; step++)
        {
            double[] votes = new double[p];
            for (int worker = 0; worker < count; worker++)
            {
                RandomStream stream = RandomStream.OptimizerNoise.OfWorker((uint)worker);
                for (int i = 0; i < p; i++)
                {
                    double g = 0.4 * Math.Sin(i + worker + step);
                    sent.Of(worker, 0)[i] = g;
                    double u = UniformDeviates.At(problem.Seed, (uint)i, (uint)step, 0, stream);
                    votes[i] += u < (0.5 + g) / (2 * 0.5) ? 1 : -1;
                }
            }

            rule.Server.Run(0, 0, step, sent, answer);
            double[] v = [.. votes.Select((vote, i) => (vote / count) + left[i])];
            double scale = v.Sum(Math.Abs) / p;
            double[] expected =
            [
                .. (errorFeedback ? v : votes).Select(x => (errorFeedback ? scale : 1) * Math.Sign(x)),
            ];
            // Sums of a few hundred numbers near 1, in another order.
            answer.ShouldBe(expected, 1e-13);
            left = errorFeedback ? [.. v.Select((x, i) => x - expected[i])] : left;
        }
    }
}
