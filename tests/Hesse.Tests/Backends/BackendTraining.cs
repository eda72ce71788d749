using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Backends;

/// <summary>Training trajectories, digits computed in float64 with PyTorch.</summary>
public abstract partial class BackendCases
{
    public static TheoryData<string> Runs => [.. ReferenceTrajectories.All.Select(it => it.Name)];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Training_follows_the_reference_trajectory(string name)
    {
        ReferenceTrajectory it = ReferenceTrajectories.All.Single(run => run.Name == name);
        using IReplicas replicas = _backend.CreateReplicas(ReferenceTrajectories.Problem(it.Order, it.Optimizer), 0, 3);
        double[] loss = new double[3];
        Evaluate(0, ReferenceTrajectories.InitialLoss);
        Evaluate(1, it.Losses[0]);
        Evaluate(10, it.Losses[1]);
        Evaluate(200, it.Losses[2]);
        double[] parameters = new double[150];
        replicas.CopyParameters(parameters);
        Near(parameters[..50].Sum(), it.Sum);
        Near(parameters[..50].Sum(theta => theta * theta), it.SquaredNorm);

        void Evaluate(int step, double value)
        {
            replicas.Advance(step - replicas.Step);
            replicas.Step.ShouldBe(step);
            replicas.LossAndAccuracy(ReferenceTrajectories.Data, loss, []);
            Near(loss[0], value);
        }
    }

    [Fact]
    public void A_step_is_theta_minus_step_size_times_gradient_and_decay()
    {
        // Schedules are read at the number of updates made so far: the second step has other numbers.
        Schedule stepSize = new(0.2, 0.5, [1]);
        Schedule decay = new(0.1, 3, [1]);
        SgdSpec sgd = new() { StepSize = stepSize, WeightDecay = decay };
        using IReplicas replicas = _backend.CreateReplicas(ReferenceTrajectories.Problem(BatchOrder.Full, sgd), 4, 1);
        double[] theta = ReferenceTrajectories.Start(4);
        foreach ((double eta, double lambda) in new[] { (0.2, 0.1), (0.1, 0.3) })
        {
            Points points = new(ReferenceTrajectories.Network, theta, ReferenceTrajectories.Data, Precision.Float64);
            double[] gradient = new Measurement(_backend, points).Gradient;
            theta = [.. theta.Zip(gradient, (t, g) => t - (eta * (g + (lambda * t))))];
            replicas.Advance(1);
            double[] found = new double[50];
            replicas.CopyParameters(found);
            Close(found, theta, LastDigit, $"eta {eta}");
        }
    }

    [Fact]
    public void A_wave_gives_every_replica_the_bits_that_it_has_alone()
    {
        TrainingProblem problem = ReferenceTrajectories.Problem(BatchOrder.Epochs, new SgdSpec { StepSize = new(0.2) });
        using IReplicas wave = _backend.CreateReplicas(problem, 2, 19);
        wave.Advance(9);
        double[] together = new double[19 * 50];
        wave.CopyParameters(together);
        foreach (int replica in new[] { 2, 9, 20 })
        {
            using IReplicas single = _backend.CreateReplicas(problem, replica, 1);
            single.Advance(4);
            single.Advance(5);
            double[] alone = new double[50];
            single.CopyParameters(alone);
            alone.ShouldBe(together[((replica - 2) * 50)..((replica - 1) * 50)]);
        }
    }

    [Fact]
    public void Accuracy_is_the_share_of_right_answers()
    {
        Network network = new([1, 2], [false], Activation.Identity, Loss.CrossEntropy);

        // z = (x, -x): class 0 for x > 0; ties go to class 0.
        DataSet data = new(5, 1, 2, 1, [1, 2, -1, -3, 0], [0, 1, 1, 0, 0], null);
        using IReplicas replicas = _backend.CreateReplicas(
            new TrainingProblem
            {
                Network = network,
                Precision = Precision.Float64,
                Seed = 1,
                Data = new MemoryData(data),
                Optimizer = new SgdSpec { StepSize = new Schedule(0) },
                Batch = new BatchSpec { Order = BatchOrder.Full },
                InitialPoint = (_, parameters) => (parameters[0], parameters[1]) = (1, -1),
            },
            0,
            1
        );
        double[] accuracy = new double[1];
        replicas.LossAndAccuracy(data, [], accuracy);
        accuracy[0].ShouldBe(0.6);
    }
}
