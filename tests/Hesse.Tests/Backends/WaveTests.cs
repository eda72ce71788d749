using System.Reflection;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Backends.Reference;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends.Cpu.Lanes;
using Hesse.Tests.Optimizers;

namespace Hesse.Tests.Backends;

/// <summary>Replicas of several problems in one wave have the bits that they have alone.</summary>
[Trait("Category", "Numerical")]
public sealed class WaveTests
{
    private const int Steps = 7;

    public static TheoryData<string, bool> Cases => EveryRule.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Replicas_with_numbers_of_their_own_have_the_bits_that_they_have_alone(string name, bool rescaleWeights)
    {
        foreach (Precision precision in new[] { Precision.Float32, Precision.Float64 })
        {
            // 22 replicas: with 16 lanes the second register begins within a group and is not full.
            ReplicaGroup[] groups = Groups(EveryRule.Find(name, rescaleWeights), precision);
            using ReferenceBackend reference = new();
            using CpuBackend cpu = new(2);
            using Workers workers = new(2);
            Check(groups, reference.CreateReplicas);
            Check(groups, cpu.CreateReplicas);
            if (precision == Precision.Float32)
            {
                Check(groups, wave => new LaneReplicas<Register128<float>, float>(wave, workers));
                Check(groups, wave => new LaneReplicas<Register256<float>, float>(wave, workers));
                Check(groups, wave => new DenseReplicas<Register256<float>, float>(wave, workers));
            }
            else
            {
                Check(groups, wave => new LaneReplicas<Register512<double>, double>(wave, workers));
                Check(groups, wave => new DenseReplicas<Register512<double>, double>(wave, workers));
            }
        }
    }

    [Fact]
    public void Rules_that_are_made_step_by_step_take_turns()
    {
        PreconditionedSgdSpec optimizer = new()
        {
            StepSize = new Schedule(0.05),
            From = PreconditionerSource.Gradient,
            Epsilon = new Schedule(0.1),
            Decay = new Schedule(0.9),
        };
        ReplicaGroup[] groups = Groups(optimizer, Precision.Float32);
        using ReferenceBackend reference = new();
        using CpuBackend cpu = new(2);
        Check(groups, reference.CreateReplicas);
        Check(groups, cpu.CreateReplicas);
    }

    [Fact]
    public void Sets_of_their_own_follow_their_replicas()
    {
        GaussDataSpec data = new()
        {
            Classes = 3,
            Dimension = 5,
            Samples = 12,
            TestSamples = 4,
            PerReplica = true,
        };
        IDataSource source = DataSources.Open(Spec(data));
        ReplicaGroup[] groups =
        [
            .. Groups(new SgdSpec { StepSize = new Schedule(0.1) }, Precision.Float64)
                .Select(group =>
                    group with
                    {
                        Problem = group.Problem with
                        {
                            Network = new Network([5, 3], [true], Activation.Tanh, Loss.CrossEntropy),
                            Data = source,
                            InitialPoint = (replica, point) => point.Fill(0.01 * replica),
                        },
                    }
                ),
        ];
        Wave wave = new(groups);
        wave.Test()!.InputsOf(3).SequenceEqual(source.Test(0, 1)!.InputsOf(0)).ShouldBeTrue();
        using ReferenceBackend reference = new();
        using CpuBackend cpu = new(2);
        Check(groups, reference.CreateReplicas);
        Check(groups, cpu.CreateReplicas);
        Check(groups, them => ReplicasInTurn.Of(them, group => cpu.CreateReplicas(new Wave(group))));
    }

    [Fact]
    public void Groups_that_continue_each_other_become_one()
    {
        TrainingProblem problem = Groups(new SgdSpec { StepSize = new Schedule(0.1) }, Precision.Float32)[0].Problem;

        Wave wave = new(
            new ReplicaGroup(problem, 5, 2),
            new ReplicaGroup(problem, 7, 3),
            new ReplicaGroup(problem, 0, 1)
        );

        wave.Groups.Select(group => (group.First, group.Count)).ShouldBe([(5, 5), (0, 1)]);
        wave.Numbers.ToArray().ShouldBe([5, 6, 7, 8, 9, 0]);
        wave.GroupOf(4).ShouldBe(0);
        wave.GroupOf(5).ShouldBe(1);
    }

    [Fact]
    public void Problems_that_differ_in_more_than_numbers_share_no_wave()
    {
        TrainingProblem problem = Groups(new SgdSpec { StepSize = new Schedule(0.1) }, Precision.Float32)[0].Problem;
        TrainingProblem[] others =
        [
            problem with
            {
                Optimizer = new SignSgdSpec { StepSize = new Schedule(0.1) },
            },
            problem with
            {
                Optimizer = problem.Optimizer with { RescaleWeights = true },
            },
            problem with
            {
                Seed = problem.Seed + 1,
            },
            problem with
            {
                Batch = new BatchSpec { Order = BatchOrder.Full },
            },
            problem with
            {
                Precision = Precision.Float64,
            },
        ];
        foreach (TrainingProblem other in others)
        {
            Should.Throw<ArgumentException>(() =>
                new Wave(new ReplicaGroup(problem, 0, 1), new ReplicaGroup(other, 0, 1))
            );
        }
    }

    [Fact]
    public void Every_number_of_a_rule_and_nothing_else_may_differ_within_a_wave()
    {
        foreach (OptimizerSpec rule in EveryRule.ByName.Values)
        {
            OptimizerKinds.WithoutNumbers(Other(rule)).ShouldBe(OptimizerKinds.WithoutNumbers(rule));
            OptimizerKinds
                .WithoutNumbers(rule with { RescaleWeights = true })
                .ShouldNotBe(OptimizerKinds.WithoutNumbers(rule));
        }
    }

    internal static ReplicaGroup[] Groups(OptimizerSpec optimizer, Precision precision)
    {
        TrainingProblem problem = LaneReplicasTests.Problem(
            BatchOrder.Epochs,
            Loss.Mse,
            Activation.Tanh,
            precision
        ) with
        {
            Optimizer = optimizer,
        };
        TrainingProblem other = problem with { Optimizer = Other(optimizer) };
        return
        [
            new ReplicaGroup(problem, 2, 3),
            new ReplicaGroup(other, 0, 2),
            new ReplicaGroup(problem, 7, 2),
            new ReplicaGroup(problem with { Optimizer = Other(Other(optimizer)) }, 2, 15),
        ];
    }

    // Every number another one.
    private static OptimizerSpec Other(OptimizerSpec optimizer)
    {
        OptimizerSpec other = optimizer with { };
        foreach (PropertyInfo property in optimizer.GetType().GetProperties())
        {
            if (property.GetValue(optimizer) is Schedule number)
            {
                property.SetValue(other, number with { Start = 0.875 * number.Start });
            }
        }

        return other;
    }

    internal static void Check(ReplicaGroup[] groups, Func<Wave, IReplicas> create)
    {
        Result together = Train(create(new Wave(groups)));
        Result[] alone = [.. groups.Select(group => Train(create(new Wave(group))))];
        together.Parameters.ShouldBe(alone.SelectMany(result => result.Parameters));
        together.State.ShouldBe(alone.SelectMany(result => result.State));
        together.Loss.ShouldBe(alone.SelectMany(result => result.Loss));
        together.Saved.ShouldBe(alone.SelectMany(result => result.Saved));
    }

    private static Result Train(IReplicas replicas)
    {
        using (replicas)
        {
            replicas.Advance(3);
            replicas.Advance(Steps - 3);
            int p = replicas.Wave.Problem.Network.ParameterCount;
            Result result = new(
                new double[replicas.Count * p],
                new double[replicas.Count * p * replicas.StateCount],
                new double[replicas.Count],
                new byte[replicas.Count * replicas.StateBytes(Steps)]
            );
            replicas.CopyParameters(result.Parameters);
            replicas.CopyState(result.State);
            replicas.LossAndAccuracy(replicas.Wave.Training(), result.Loss, []);
            for (int replica = 0; replica < replicas.Count; replica++)
            {
                int bytes = replicas.StateBytes(Steps);
                replicas.SaveState(replica, result.Saved.AsSpan(replica * bytes, bytes));
            }

            return result;
        }
    }

    private static Spec Spec(DataSpec data) =>
        new()
        {
            Version = 1,
            Name = "wave",
            Seed = 5,
            Precision = Precision.Float64,
            Data = data,
            Network = SpecSections.DefaultNetwork,
            Loss = Loss.CrossEntropy,
            Training = SpecSections.DefaultTraining,
        };

    private sealed record Result(double[] Parameters, double[] State, double[] Loss, byte[] Saved);
}
