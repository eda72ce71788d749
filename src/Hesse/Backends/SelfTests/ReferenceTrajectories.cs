using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Backends.SelfTests;

/// <summary>A training whose losses and last parameters are known. Digits computed in float64 with PyTorch.</summary>
/// <param name="Name">Of the update rule.</param>
/// <param name="Order">Of the mini-batches.</param>
/// <param name="Optimizer">The update rule.</param>
/// <param name="Losses">Full losses after 1, 10 and 200 updates.</param>
/// <param name="Sum">Sum of theta after 200 updates.</param>
/// <param name="SquaredNorm">||theta||^2 after 200 updates.</param>
internal sealed record ReferenceTrajectory(
    string Name,
    BatchOrder Order,
    OptimizerSpec Optimizer,
    double[] Losses,
    double Sum,
    double SquaredNorm
);

/// <summary>Trainings of a 3-8-2 tanh net from S(50, 1, 0.5) on 32 samples; mini-batches are 8 rows in sequence.</summary>
internal static class ReferenceTrajectories
{
    /// <summary>Full loss before the first update.</summary>
    public const double InitialLoss = 0.88427717282223;

    /// <summary>The net, P = 50.</summary>
    public static Network Network { get; } = new([3, 8, 2], [true], Activation.Tanh, Loss.Mse);

    /// <summary>The samples.</summary>
    public static DataSet Data { get; } = new(32, 3, 2, 1, ReferenceCases.S(96, 7), null, ReferenceCases.S(64, 301));

    /// <summary>Updates after which <see cref="ReferenceTrajectory.Losses"/> stand.</summary>
    public static IReadOnlyList<int> Steps { get; } = [1, 10, 200];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ReferenceTrajectory> All { get; } =
    [
        new(
            "gradient descent",
            BatchOrder.Full,
            new SgdSpec { StepSize = new(0.2) },
            [0.64631707049648, 0.44944334565517, 0.35298129019305],
            -4.75307743096,
            12.5165939475
        ),
        new(
            "sgd",
            BatchOrder.Sequential,
            new SgdSpec { StepSize = new(0.2) },
            [0.74173352623859, 0.45229874599624, 0.35745087627647],
            -4.27615016568,
            11.7114895619
        ),
        new(
            "momentum",
            BatchOrder.Sequential,
            new MomentumSpec { StepSize = new(0.05), Momentum = new(0.9) },
            [0.84294336995899, 0.53957033077906, 0.29687640006259],
            -5.61418338733,
            21.3123397365
        ),
        new(
            "nesterov",
            BatchOrder.Sequential,
            new NesterovSpec { StepSize = new(0.05), Momentum = new(0.9) },
            [0.80900895855588, 0.47476552457361, 0.28909502770266],
            -5.83525012507,
            22.647236033
        ),
        new(
            "adam",
            BatchOrder.Sequential,
            new AdamSpec { StepSize = new(0.01) },
            [0.8285173440551, 0.52207054390806, 0.37144964778886],
            -4.00786305955,
            10.2836011231
        ),
        new(
            "adamw",
            BatchOrder.Sequential,
            new AdamWSpec { StepSize = new(0.01), WeightDecay = new(0.1) },
            [0.82734794779008, 0.51959541928275, 0.38992134944218],
            -3.37991953688,
            7.39637952673
        ),
        new(
            "rmsprop",
            BatchOrder.Sequential,
            new RmsPropSpec { StepSize = new(0.01) },
            [0.55422155444391, 0.43919208546892, 0.32617930875701],
            -3.46079592222,
            16.982396366
        ),
    ];

    /// <summary>The training with an update rule; replica r begins at <see cref="Start"/>(r).</summary>
    public static TrainingProblem Problem(BatchOrder order, OptimizerSpec optimizer) =>
        new()
        {
            Network = Network,
            Precision = Precision.Float64,
            Seed = 1907,
            Data = new MemoryData(Data),
            Optimizer = optimizer,
            Batch = new BatchSpec { Size = order == BatchOrder.Full ? null : 8, Order = order },
            InitialPoint = (replica, parameters) => Start(replica).CopyTo(parameters),
        };

    /// <summary>theta_0 of replica r: S(50, 1 + 1000 r, 0.5).</summary>
    public static double[] Start(int replica) => ReferenceCases.S(50, 1 + (1000 * replica), 0.5);
}
