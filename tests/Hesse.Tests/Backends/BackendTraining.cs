using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Backends;

/// <summary>Training trajectories, digits computed in float64 with PyTorch.</summary>
public abstract partial class BackendCases
{
    private static readonly Network s_trained = new([3, 8, 2], [true], Activation.Tanh, Loss.Mse);

    private static readonly DataSet s_training = new(
        32,
        3,
        2,
        1,
        ReferenceCases.S(96, 7),
        null,
        ReferenceCases.S(64, 301)
    );

    // Full losses after 1, 10 and 200 updates, then the sum of theta and ||theta||^2 after 200.
    private static readonly Dictionary<string, (BatchOrder Order, OptimizerSpec Optimizer, double[] Expected)> s_runs =
        new()
        {
            ["gradient descent"] = (
                BatchOrder.Full,
                new SgdSpec { StepSize = new(0.2) },
                [0.64631707049648, 0.44944334565517, 0.35298129019305, -4.75307743096, 12.5165939475]
            ),
            ["sgd"] = (
                BatchOrder.Sequential,
                new SgdSpec { StepSize = new(0.2) },
                [0.74173352623859, 0.45229874599624, 0.35745087627647, -4.27615016568, 11.7114895619]
            ),
            ["momentum"] = (
                BatchOrder.Sequential,
                new MomentumSpec { StepSize = new(0.05), Momentum = new(0.9) },
                [0.84294336995899, 0.53957033077906, 0.29687640006259, -5.61418338733, 21.3123397365]
            ),
            ["nesterov"] = (
                BatchOrder.Sequential,
                new NesterovSpec { StepSize = new(0.05), Momentum = new(0.9) },
                [0.80900895855588, 0.47476552457361, 0.28909502770266, -5.83525012507, 22.647236033]
            ),
            ["adam"] = (
                BatchOrder.Sequential,
                new AdamSpec { StepSize = new(0.01) },
                [0.8285173440551, 0.52207054390806, 0.37144964778886, -4.00786305955, 10.2836011231]
            ),
            ["adamw"] = (
                BatchOrder.Sequential,
                new AdamWSpec { StepSize = new(0.01), WeightDecay = new(0.1) },
                [0.82734794779008, 0.51959541928275, 0.38992134944218, -3.37991953688, 7.39637952673]
            ),
            ["rmsprop"] = (
                BatchOrder.Sequential,
                new RmsPropSpec { StepSize = new(0.01) },
                [0.55422155444391, 0.43919208546892, 0.32617930875701, -3.46079592222, 16.982396366]
            ),
        };

    public static TheoryData<string> Runs => [.. s_runs.Keys];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Training_follows_the_reference_trajectory(string name)
    {
        (BatchOrder order, OptimizerSpec optimizer, double[] expected) = s_runs[name];
        using IReplicas replicas = _backend.CreateReplicas(Training(order, optimizer), 0, 3);
        double[] loss = new double[3];
        Evaluate(0, 0.88427717282223);
        Evaluate(1, expected[0]);
        Evaluate(10, expected[1]);
        Evaluate(200, expected[2]);
        double[] parameters = new double[150];
        replicas.CopyParameters(parameters);
        Near(parameters[..50].Sum(), expected[3]);
        Near(parameters[..50].Sum(theta => theta * theta), expected[4]);

        void Evaluate(int step, double value)
        {
            replicas.Advance(step - replicas.Step);
            replicas.Step.ShouldBe(step);
            replicas.LossAndAccuracy(s_training, loss, []);
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
        using IReplicas replicas = _backend.CreateReplicas(Training(BatchOrder.Full, sgd), 4, 1);
        double[] theta = Start(4);
        foreach ((double eta, double lambda) in new[] { (0.2, 0.1), (0.1, 0.3) })
        {
            Points points = new(s_trained, theta, s_training, Precision.Float64);
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
        TrainingProblem problem = Training(BatchOrder.Epochs, new SgdSpec { StepSize = new(0.2) });
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

    // Replica r begins at S(50, 1 + 1000 r, 0.5).
    private static TrainingProblem Training(BatchOrder order, OptimizerSpec optimizer) =>
        new()
        {
            Network = s_trained,
            Precision = Precision.Float64,
            Seed = 1907,
            Data = new MemoryData(s_training),
            Optimizer = optimizer,
            Batch = new BatchSpec { Size = order == BatchOrder.Full ? null : 8, Order = order },
            InitialPoint = (replica, parameters) => Start(replica).CopyTo(parameters),
        };

    private static double[] Start(int replica) => ReferenceCases.S(50, 1 + (1000 * replica), 0.5);
}
