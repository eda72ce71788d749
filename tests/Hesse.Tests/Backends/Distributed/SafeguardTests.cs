using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Distributed;
using Hesse.Backends.Stepwise;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using static Hesse.Tests.Backends.Distributed.DistributedCases;

namespace Hesse.Tests.Backends.Distributed;

/// <summary>Who is removed, and what the attackers send.</summary>
[Trait("Category", "Numerical")]
public sealed class SafeguardTests
{
    private const int Period = 40;
    private const int Steps = 120;
    private const int Replicas = 3;

    public static TheoryData<Attack, bool> Attacks =>
        new()
        {
            { Attack.SignFlip, true },
            { Attack.Zero, true },
            { Attack.LabelFlip, true },
            { Attack.Safeguard, true },
            // Old gradients of a net that hardly changes, and shifts within the spread of the honest ones, may pass.
            { Attack.Delayed, false },
            { Attack.Variance, false },
        };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Honest_workers_stay_and_attackers_are_removed_within_the_short_window(Attack attack, bool caught)
    {
        WorkersSpec workers = Of(10, Aggregation.Safeguard) with
        {
            Period = Period,
            Byzantine = new ByzantineSpec { Count = 4, Attack = attack },
        };
        using CpuBackend cpu = new(1);
        using StepwiseReplicas wave = Wave(
            cpu,
            Gauss(workers),
            Replicas,
            replicas => new CentralUpdate(replicas, workers),
            out CentralUpdate rule
        );
        wave.Advance(Steps);
        Safeguard safeguard = rule.Server.ShouldBeOfType<Safeguard>();
        for (int replica = 0; replica < Replicas; replica++)
        {
            for (int worker = 0; worker < 6; worker++)
            {
                safeguard.RemovedAt(replica, worker).ShouldBe(-1, $"honest worker {worker} of replica {replica}");
            }

            for (int worker = 6; caught && worker < 10; worker++)
            {
                safeguard.RemovedAt(replica, worker).ShouldBeInRange(0, Period - 1, $"attacker {worker}");
            }
        }
    }

    [Fact]
    public void Removed_attackers_change_nothing_any_more()
    {
        using CpuBackend cpu = new(1);
        WorkersSpec guarded = Of(5, Aggregation.Safeguard) with
        {
            Period = Period,
            Byzantine = new ByzantineSpec { Count = 2, Attack = Attack.SignFlip },
        };
        WorkersSpec plain = guarded with { Aggregation = Aggregation.Mean, Period = null };
        double guardedLoss = Loss(cpu, Gauss(guarded));
        double honestLoss = Loss(cpu, Gauss(Of(3, Aggregation.Mean)));
        // The mean with two of five flipped goes a fifth of the way in a step.
        double attackedLoss = Loss(cpu, Gauss(plain));
        guardedLoss.ShouldBe(honestLoss, 0.25 * honestLoss);
        attackedLoss.ShouldBeGreaterThan(2 * honestLoss);
    }

    [Fact]
    public void Attackers_send_what_their_attack_says()
    {
        double[] g = [1, -2, 4];
        Sent(Attack.SignFlip, 0, g).ShouldBe([-1, 2, -4]);
        Sent(Attack.Safeguard, 0, g).ShouldBe([-0.5, 1, -2]);
        Sent(Attack.Zero, 0, g).ShouldBe([0, 0, 0]);
        // Honest: (1, 2, 3) and (3, 2, 1): mean 2, deviations 1, 0, 1.
        Sent(Attack.Variance, 0, g).ShouldBe([1.7, 2, 1.7], 1e-15);
    }

    [Fact]
    public void Delayed_gradients_come_late_and_the_first_one_until_then()
    {
        WorkersSpec workers = Of(3, Aggregation.Mean) with
        {
            Byzantine = new ByzantineSpec
            {
                Count = 1,
                Attack = Attack.Delayed,
                Delay = 3,
            },
        };
        ByzantineAttack attack = new(workers, 1, 1);
        WorkerVectors sent = new(3, 1, 1);
        List<double> seen = [];
        for (int step = 0; step < 8; step++)
        {
            sent.Of(2, 0)[0] = step;
            attack.Begin(step);
            attack.Run(0, step, sent);
            seen.Add(sent.Of(2, 0)[0]);
        }

        seen.ShouldBe([0, 0, 0, 0, 1, 2, 3, 4]);
    }

    private static double[] Sent(Attack attack, int step, double[] own)
    {
        WorkersSpec workers = Of(3, Aggregation.Mean) with
        {
            Byzantine = new ByzantineSpec { Count = 1, Attack = attack },
        };
        ByzantineAttack byzantine = new(workers, 1, 3);
        WorkerVectors sent = new(3, 1, 3);
        new double[] { 1, 2, 3 }.CopyTo(sent.Of(0, 0));
        new double[] { 3, 2, 1 }.CopyTo(sent.Of(1, 0));
        own.CopyTo(sent.Of(2, 0));
        byzantine.Begin(step);
        byzantine.Run(0, step, sent);
        return sent.Of(2, 0).ToArray();
    }

    private static double Loss(CpuBackend cpu, TrainingProblem problem)
    {
        using IReplicas replicas = cpu.CreateReplicas(problem, 0, Replicas);
        replicas.Advance(Steps);
        double[] loss = new double[Replicas];
        replicas.LossAndAccuracy(problem.Data.Training(0, Replicas), loss, []);
        return loss.Average();
    }

    private static TrainingProblem Gauss(WorkersSpec workers)
    {
        GaussDataSpec data = new()
        {
            Classes = 4,
            Dimension = 10,
            Samples = 80,
        };
        Network network = new([10, 6, 4], [true], Activation.Relu, Hesse.Networks.Loss.CrossEntropy);
        return new TrainingProblem
        {
            Network = network,
            Precision = Precision.Float32,
            Seed = 11,
            Data = new GaussData(data, 11, Precision.Float32),
            Optimizer = new SgdSpec { StepSize = new(0.02) },
            Batch = new BatchSpec { Order = BatchOrder.WithReplacement, Size = 16 },
            Workers = workers,
            InitialPoint = InitialPoints.Create(new NetworkSpec { Hidden = [6] }, network, 11, Precision.Float32),
        };
    }
}
