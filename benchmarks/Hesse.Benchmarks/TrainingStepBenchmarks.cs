using BenchmarkDotNet.Attributes;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Reference;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Benchmarks;

/// <summary>SGD steps of a wave of replicas, each with its own mini-batches: gathering, softmax and update included.</summary>
[MemoryDiagnoser]
public class TrainingStepBenchmarks : IRated
{
    private CpuBackend? _backend;
    private IReplicas? _replicas;
    private ReferenceBackend? _reference;
    private IReplicas? _one;

    /// <summary>The sizes that users have.</summary>
    public static IEnumerable<TrainingWork> Works =>
        [
            new([50, 30, 30, 10], 50, 256, 1),
            new([50, 30, 30, 10], 50, 256, 2),
            new([50, 10, 30, 10], 5, 256, 1),
            new([50, 30, 30, 10], 5, 256, 1),
            new([50, 30, 30, 10], 500, 64, 1),
            new([50, 30, 30, 10], 5, 256, 2),
            new([50, 10, 30, 10], 5, 256, 2),
            new([784, 128, 10], 64, 2, 1),
            new([784, 128, 10], 64, 16, 2),
            new([784, 512, 512, 10], 64, 2, 1),
            new([3072, 200, 200, 10], 64, 2, 1),
        ];

    /// <summary>The size at hand.</summary>
    [ParamsSource(nameof(Works))]
    public TrainingWork Training { get; set; } = new([1, 1], 1, 1, 1);

    /// <summary>Makes the wave and warms it up.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _backend = new CpuBackend(Training.Threads);
        _replicas = _backend.CreateReplicas(Training.Problem(), 0, Training.Replicas);
        _replicas.Advance(Training.Steps);
        _reference = new ReferenceBackend();
        _one = _reference.CreateReplicas(Training.Problem(), 0, 1);
    }

    /// <summary>Frees the wave.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _replicas?.Dispose();
        _backend?.Dispose();
        _one?.Dispose();
        _reference?.Dispose();
    }

    /// <summary>One step of one replica, scalar.</summary>
    [Benchmark(Baseline = true)]
    public void Reference() => _one!.Advance(1);

    /// <summary>Advances every replica by some steps in one call.</summary>
    [Benchmark]
    public void Cpu() => _replicas!.Advance(Training.Steps);

    /// <summary>Parameters come and go once a call, samples are read once.</summary>
    public Work Work(string benchmark)
    {
        bool reference = string.Equals(benchmark, nameof(Reference), StringComparison.Ordinal);
        TrainingWork work = reference ? Training with { Replicas = 1, Steps = 1, Threads = 1 } : Training;
        double parameters = 2.0 * work.Replicas * work.Parameters;
        double inputs = (double)work.Replicas * work.Steps * work.Batch * work.Widths[0];
        return new(work.Flops, sizeof(float) * (parameters + inputs), Precision.Float32, work.Threads);
    }
}

/// <summary>One training job: R nets, batch B.</summary>
/// <param name="Widths">d_0 .. d_L</param>
/// <param name="Batch">B</param>
/// <param name="Replicas">R</param>
/// <param name="Threads">Threads of the backend.</param>
public sealed record TrainingWork(int[] Widths, int Batch, int Replicas, int Threads)
{
    private const int Samples = 1000;

    /// <summary>Steps of one invocation: some milliseconds of work.</summary>
    public int Steps { get; init; } = Math.Max(2, 2000 / Batch);

    /// <summary>(4P + 2Q) B a step and replica, P = sum d_{l-1} d_l, Q = P - d_0 d_1.</summary>
    public double Flops
    {
        get
        {
            double all = 0;
            for (int layer = 1; layer < Widths.Length; layer++)
            {
                all += (double)Widths[layer] * Widths[layer - 1];
            }

            double inner = all - ((double)Widths[0] * Widths[1]);
            return ((4 * all) + (2 * inner)) * Batch * Replicas * Steps;
        }
    }

    /// <summary>p</summary>
    public int Parameters => new Network(Widths, [true], Activation.Relu, Loss.CrossEntropy).ParameterCount;

    /// <summary>Widths, batch, replicas, threads.</summary>
    public override string ToString() => $"{string.Join('-', Widths)} b={Batch} R={Replicas} threads={Threads}";

    /// <summary>Random samples, small random weights, step size 0.05.</summary>
    public TrainingProblem Problem()
    {
        Random random = new(1);
        double[] inputs = [.. Enumerable.Range(0, Samples * Widths[0]).Select(_ => (float)(random.NextDouble() - 0.5))];
        int[] labels = [.. Enumerable.Range(0, Samples).Select(_ => random.Next(Widths[^1]))];
        return new TrainingProblem
        {
            Network = new Network(Widths, [true], Activation.Relu, Loss.CrossEntropy),
            Precision = Precision.Float32,
            Seed = 1,
            Data = new MemoryData(new DataSet(Samples, Widths[0], Widths[^1], 1, inputs, labels, null)),
            Optimizer = new SgdSpec { StepSize = new Schedule(0.05) },
            Batch = new BatchSpec { Size = Batch, Order = BatchOrder.Epochs },
            InitialPoint = (replica, parameters) =>
            {
                Random own = new(replica);
                for (int i = 0; i < parameters.Length; i++)
                {
                    parameters[i] = (float)(0.3 * (own.NextDouble() - 0.5));
                }
            },
        };
    }
}
