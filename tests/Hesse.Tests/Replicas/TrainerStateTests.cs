using System.Text;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Reference;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Tests.Backends.Cuda;

namespace Hesse.Tests.Replicas;

/// <summary>What a trainer saves of a replica is everything that its further training depends on.</summary>
[Collection(OneCudaDevice.Name)]
public sealed class TrainerStateTests(CudaFixture cuda)
{
    private const int Steps = 14;
    private const int First = 3;
    private const int Count = 6;

    private static readonly string[] s_fused =
    [
        "optimizer: {kind: sgd, step-size: 0.1, weight-decay: 0.01}",
        "optimizer: {kind: momentum, step-size: 0.1, momentum: 0.9}",
        "optimizer: {kind: nesterov, step-size: 0.1, momentum: 0.9}",
        "optimizer: {kind: adam, step-size: 0.01}",
        "optimizer: {kind: adamw, step-size: 0.01, weight-decay: 0.1}",
        "optimizer: {kind: rmsprop, step-size: 0.01}",
        "optimizer: {kind: adagrad, step-size: 0.1}",
        "optimizer: {kind: mass, step-size: 0.1, secondary-step-size: 0.01, momentum: 0.9}",
        "optimizer: {kind: pnm, step-size: 0.1}",
        "optimizer: {kind: adapnm, step-size: 0.01}",
        "optimizer: {kind: sign-sgd, step-size: 0.01, rescale-weights: true}",
    ];

    private static readonly string[] s_stepwise =
    [
        "optimizer: {kind: gradient-flow, tick: 0.3}, batch: {order: full}",
        "optimizer: {kind: gradient-flow, method: adaptive, rescale-weights: true}, batch: {order: full}",
        "optimizer: {kind: adaptive-sgd, step-size: 0.5, refresh: 4}",
        "optimizer: {kind: preconditioned-sgd, step-size: 0.01, from: gradient}",
        "optimizer: {kind: preconditioned-sgd, step-size: 0.01, from: second-moment}",
        "optimizer: {kind: preconditioned-sgd, step-size: 0.01, from: hessian-diagonal}",
        "optimizer: {kind: sgd-partial-hessian, step-size: 0.1, beta: 0.9}",
        "optimizer: {kind: adam, step-size: 0.01}, workers: {count: 3, aggregation: mean, noise: 0.1}",
        "optimizer: {kind: nesterov, step-size: 0.1, momentum: 0.9}, workers: {count: 4, aggregation: median, split: by-class, byzantine: {count: 1, attack: label-flip}}",
        "optimizer: {kind: sgd, step-size: 0.01}, workers: {count: 3, aggregation: majority-vote}",
        "optimizer: {kind: sgd, step-size: 0.1}, workers: {count: 3, aggregation: sto-sign}",
        "optimizer: {kind: momentum, step-size: 0.1, momentum: 0.9}, workers: {count: 5, aggregation: safeguard, period: 2, noise: 0.1, byzantine: {count: 2, attack: delayed, delay: 3}}",
        "optimizer: {kind: sgd, step-size: 0.1}, workers: {count: 5, aggregation: mean, byzantine: {count: 1, attack: delayed, delay: 100}}",
        "optimizer: {kind: adam, step-size: 0.01}, workers: {count: 3, aggregation: local, period: 5}",
        "optimizer: {kind: nesterov, step-size: 0.1, momentum: 0.9}, workers: {count: 4, aggregation: gossip-pga, period: 5, graph: ring}",
    ];

    // Goes in float64 alone. Sharpness begins above and below 2 / step-size, and some replicas come to it in the middle.
    private const string CentralFlow =
        "optimizer: {kind: gradient-flow, method: central, step-size: 2.1, tick: 0.3}, batch: {order: full}";

    public static TheoryData<string, string> Trainers()
    {
        TheoryData<string, string> cases = [];
        foreach (string training in s_fused.Concat(s_stepwise))
        {
            cases.Add(training, "float32");
        }

        foreach (string training in s_stepwise)
        {
            cases.Add(training, "float64");
        }

        cases.Add(CentralFlow, "float64");
        return cases;
    }

    public static TheoryData<string> TrainersOfReference() => [.. s_fused, .. s_stepwise[..4], s_stepwise[^1]];

    // One without state, one with, one that looks ahead: kernels take long to compile.
    public static TheoryData<string> TrainersOfDevices() => [s_fused[0], s_fused[2], s_fused[3]];

    [Theory]
    [MemberData(nameof(Trainers))]
    public void On_the_processor_training_goes_on_from_a_saved_state_with_the_same_bits(
        string training,
        string precision
    )
    {
        using CpuBackend backend = new(2);
        GoesOn(backend, training, precision);
    }

    [Theory]
    [MemberData(nameof(TrainersOfReference))]
    public void In_the_reference_training_goes_on_from_a_saved_state_with_the_same_bits(string training)
    {
        using ReferenceBackend backend = new();
        GoesOn(backend, training, "float64");
    }

    [CudaTheory]
    [MemberData(nameof(TrainersOfDevices))]
    public void On_a_device_training_goes_on_from_a_saved_state_with_the_same_bits(string training) =>
        GoesOn(cuda.Backend, training, "float32");

    // Stopped after every number of steps; each replica goes on in a wave of other replicas.
    private static void GoesOn(IBackend backend, string training, string precision)
    {
        TrainingProblem problem = Problem(training, precision);
        for (int stop = 0; stop <= Steps; stop += stop < 4 ? 1 : 3)
        {
            using IReplicas whole = backend.CreateReplicas(problem, First, Count);
            whole.Advance(stop);
            using IReplicas left = backend.CreateReplicas(problem, First + 2, 3);
            for (int replica = left.Count - 1; replica >= 0; replica--)
            {
                byte[] state = new byte[whole.StateBytes(stop)];
                whole.SaveState(replica + 2, state);
                left.LoadState(stop, replica, state);
            }

            whole.Advance(Steps - stop);
            left.Advance(Steps - stop);

            left.Step.ShouldBe(Steps);
            (double[] parameters, double[] state2) = Numbers(whole, problem, 2, 3);
            (double[] parametersAgain, double[] stateAgain) = Numbers(left, problem, 0, 3);
            parametersAgain.ShouldBe(parameters, $"stopped at {stop}");
            stateAgain.ShouldBe(state2, $"stopped at {stop}");
        }
    }

    private static (double[] Parameters, double[] State) Numbers(
        IReplicas replicas,
        TrainingProblem problem,
        int first,
        int count
    )
    {
        int p = problem.Network.ParameterCount;
        double[] parameters = new double[replicas.Count * p];
        double[] state = new double[replicas.Count * p * replicas.StateCount];
        replicas.CopyParameters(parameters);
        replicas.CopyState(state);
        int length = p * replicas.StateCount;
        return (parameters[(first * p)..((first + count) * p)], state[(first * length)..((first + count) * length)]);
    }

    private static TrainingProblem Problem(string training, string precision)
    {
        string batch = training.Contains("batch:", StringComparison.Ordinal)
            ? string.Empty
            : ", batch: {size: 4, order: epochs}";
        string text = $$"""
            version: 1
            name: state
            seed: 5
            replicas: 20
            precision: {{precision}}
            data: {kind: gauss, classes: 3, dimension: 3, samples: 18, mean-scale: 1.0}
            network: {hidden: [3, 2], activation: tanh}
            loss: cross-entropy
            training: {steps: {{Steps}}, {{training}}{{batch}}}
            observe: [{quantity: loss, every: 1}]

            """;
        Spec spec = SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "test.yaml", ".");
        return Plan.Of(spec, new RunOptions { Threads = 1 }).Settings[0].Problem;
    }
}
