using System.Numerics;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Backends.Cpu.Dense;

/// <summary>One net at a time trains to the same bits as nets in lanes, at every register width.</summary>
[Trait("Category", "Numerical")]
public sealed class DenseTrainingTests
{
    private const int Steps = 7;

    [Theory]
    [InlineData(Activation.Tanh, Loss.CrossEntropy)]
    [InlineData(Activation.Relu, Loss.Mse)]
    [InlineData(Activation.Gelu, Loss.HalfSquaredError)]
    [InlineData(Activation.Softplus, Loss.Logistic)]
    public void BitsAreThoseOfTheLaneLayout(Activation activation, Loss loss)
    {
        TrainingProblem problem = Problem(activation, loss, Precision.Float32, BatchOrder.Epochs, 5);
        using Workers workers = new(1);
        double[] lanes = Train(new LaneReplicas<Register256<float>, float>(new Wave(problem, 2, 3), workers), problem);
        Train(new DenseReplicas<Register256<float>, float>(new Wave(problem, 2, 3), workers), problem).ShouldBe(lanes);
        Train(new DenseReplicas<Register128<float>, float>(new Wave(problem, 2, 3), workers), problem).ShouldBe(lanes);
        Train(new DenseReplicas<Register512<float>, float>(new Wave(problem, 2, 3), workers), problem).ShouldBe(lanes);
        problem = Problem(activation, loss, Precision.Float64, BatchOrder.WithReplacement, 18);
        lanes = Train(new LaneReplicas<Register256<double>, double>(new Wave(problem, 2, 3), workers), problem);
        Train(new DenseReplicas<Register256<double>, double>(new Wave(problem, 2, 3), workers), problem)
            .ShouldBe(lanes);
        Train(new DenseReplicas<Register512<double>, double>(new Wave(problem, 2, 3), workers), problem)
            .ShouldBe(lanes);
    }

    [Fact]
    public void PiecesOfALargeBatchDoNotShow()
    {
        // 1100 rows pass in three pieces; the oracle is a step on the gradient of all rows at once.
        TrainingProblem problem = Problem(
            Activation.Tanh,
            Loss.CrossEntropy,
            Precision.Float64,
            BatchOrder.Full,
            0,
            1100
        );
        using Workers workers = new(2);
        using DenseReplicas<Register256<double>, double> replicas = new(new Wave(problem, 0, 2), workers);
        int p = problem.Network.ParameterCount;
        double[] before = new double[2 * p];
        double[] after = new double[2 * p];
        double[] gradient = new double[p];
        replicas.CopyParameters(before);
        replicas.Advance(1);
        replicas.CopyParameters(after);
        Points points = new(problem.Network, before, problem.Data.Training(0, 2), Precision.Float64);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        for (int replica = 0; replica < 2; replica++)
        {
            dense.Gradient(points, replica, gradient);
            for (int i = 0; i < p; i++)
            {
                double theta = before[(replica * p) + i];
                double direction = Math.FusedMultiplyAdd(0.01, theta, gradient[i]);
                after[(replica * p) + i].ShouldBe(Math.FusedMultiplyAdd(-0.1, direction, theta));
            }
        }
    }

    [Theory]
    [InlineData(Precision.Float32, Activation.Relu, 31)]
    [InlineData(Precision.Float32, Activation.Tanh, 33)]
    [InlineData(Precision.Float64, Activation.Relu, 33)]
    [InlineData(Precision.Float64, Activation.Relu, 1)]
    [InlineData(Precision.Float32, Activation.Relu, 600)]
    public void An_update_that_takes_the_gradient_from_registers_has_the_bits_of_the_stored_gradient(
        Precision precision,
        Activation activation,
        int samples
    )
    {
        // Without weight decay; 31 samples are one piece in lanes and 33 are two; 600 are two pieces of a single net.
        TrainingProblem problem = Problem(activation, Loss.CrossEntropy, precision, BatchOrder.Full, 0, samples, 0);
        using Workers workers = new(1);
        double[] before = new double[3 * problem.Network.ParameterCount];
        double[] expected = new double[before.Length];
        foreach (IReplicas replicas in Layouts(problem, workers))
        {
            using (replicas)
            {
                double[] after = new double[before.Length];
                replicas.CopyParameters(before);
                replicas.Advance(1);
                replicas.CopyParameters(after);
                Descend(problem, precision, before, expected);
                after.ShouldBe(expected);
            }
        }
    }

    private static IReplicas[] Layouts(TrainingProblem problem, Workers workers) =>
        problem.Precision == Precision.Float32
            ?
            [
                new LaneReplicas<Register128<float>, float>(new Wave(problem, 0, 3), workers),
                new LaneReplicas<Register256<float>, float>(new Wave(problem, 0, 3), workers),
                new LaneReplicas<Register512<float>, float>(new Wave(problem, 0, 3), workers),
                new DenseReplicas<Register128<float>, float>(new Wave(problem, 0, 3), workers),
                new DenseReplicas<Register256<float>, float>(new Wave(problem, 0, 3), workers),
                new DenseReplicas<Register512<float>, float>(new Wave(problem, 0, 3), workers),
            ]
            :
            [
                new LaneReplicas<Register256<double>, double>(new Wave(problem, 0, 3), workers),
                new LaneReplicas<Register512<double>, double>(new Wave(problem, 0, 3), workers),
                new DenseReplicas<Register256<double>, double>(new Wave(problem, 0, 3), workers),
                new DenseReplicas<Register512<double>, double>(new Wave(problem, 0, 3), workers),
            ];

    // theta - 0.1 g from the gradient that an observation sees.
    private static void Descend(TrainingProblem problem, Precision precision, double[] before, double[] after)
    {
        int p = problem.Network.ParameterCount;
        Points points = new(problem.Network, before, problem.Data.Training(0, 3), precision);
        using IDenseOperations dense = DenseOperations.Create(precision);
        double[] gradient = new double[p];
        for (int i = 0; i < before.Length; i++)
        {
            if (i % p == 0)
            {
                dense.Gradient(points, i / p, gradient);
            }

            after[i] =
                precision == Precision.Float32
                    ? MathF.FusedMultiplyAdd((float)gradient[i % p], -0.1f, (float)before[i])
                    : Math.FusedMultiplyAdd(gradient[i % p], -0.1, before[i]);
        }
    }

    private static double[] Train(IReplicas replicas, TrainingProblem problem)
    {
        using (replicas)
        {
            int p = problem.Network.ParameterCount;
            double[] result = new double[replicas.Count * (p + 2)];
            replicas.Advance(Steps - 2);
            replicas.Advance(2);
            replicas.CopyParameters(result.AsSpan(0, replicas.Count * p));
            replicas.LossAndAccuracy(
                replicas.Wave.Training(),
                result.AsSpan(replicas.Count * p, replicas.Count),
                result.AsSpan(replicas.Count * (p + 1), replicas.Count)
            );
            return result;
        }
    }

    private static TrainingProblem Problem(
        Activation activation,
        Loss loss,
        Precision precision,
        BatchOrder order,
        int batch,
        int samples = 33,
        double weightDecay = 0.01
    )
    {
        int outputs = loss == Loss.Logistic ? 1 : 3;
        Points points = DenseCase.Random([19, 7, 5, outputs], [true, false, true], activation, loss, samples);
        return new()
        {
            Network = points.Network,
            Precision = precision,
            Seed = 11,
            Data = new FixedData(points.Data),
            Optimizer = new SgdSpec { StepSize = new(0.1), WeightDecay = new(weightDecay) },
            Batch = new BatchSpec { Order = order, Size = order == BatchOrder.Full ? null : batch },
            InitialPoint = (replica, parameters) =>
            {
                Random random = new(replica);
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] = (float)(random.NextDouble() - 0.5);
                }
            },
        };
    }

    private sealed class FixedData(DataSet data) : IDataSource
    {
        public int Dimension => data.Dimension;

        public int Outputs => data.Outputs;

        public int Samples => data.Samples;

        public int TestSamples => 0;

        public bool PerReplica => false;

        public string ContentHash => "";

        public DataSet Training(int first, int count) => data;

        public DataSet? Test(int first, int count) => null;
    }
}
