using BenchmarkDotNet.Attributes;
using Hesse.Backends;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Reference;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>
/// Per-sample gradients of 50-30-30-10 projected on directions, one core; 2P = 5,540 flops a sample and direction. The same through
/// per-sample gradients would first write N P numbers.
/// </summary>
[MemoryDiagnoser]
public class PerSampleGradientProjectionsBenchmarks : IRated
{
    private const int Parameters = 2770;

    private readonly ReferenceBackend _reference = new();
    private IDenseOperations? _dense;
    private Points? _points;
    private double[] _vectors = [];
    private double[] _projections = [];

    /// <summary>The arithmetic.</summary>
    [Params(Precision.Float32, Precision.Float64)]
    public Precision Precision { get; set; }

    /// <summary>N</summary>
    [Params(1000, 10_000)]
    public int Samples { get; set; }

    /// <summary>V</summary>
    [Params(1, 64)]
    public int Vectors { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _points = DensePoints.Random([50, 30, 30, 10], Samples, Precision);
        _dense = DenseOperations.Create(Precision);
        Random random = new(2);
        _vectors = [.. Enumerable.Range(0, Vectors * Parameters).Select(_ => random.NextDouble() - 0.5)];
        _projections = new double[Samples * Vectors];
    }

    [GlobalCleanup]
    public void Cleanup() => _dense!.Dispose();

    /// <summary>On one direction, scalar.</summary>
    [Benchmark(Baseline = true)]
    public void Reference() =>
        _reference.PerSampleGradientProjections(
            _points!,
            _vectors.AsSpan(0, Parameters),
            _projections.AsSpan(0, Samples)
        );

    [Benchmark]
    public void PerSampleGradientProjections() =>
        _dense!.PerSampleGradientProjections(_points!, 0, _vectors, _projections);

    /// <summary>Inputs and directions are read, projections written, in double.</summary>
    public Work Work(string benchmark)
    {
        double vectors = string.Equals(benchmark, nameof(Reference), StringComparison.Ordinal) ? 1 : Vectors;
        return new(
            2.0 * Parameters * Samples * vectors,
            sizeof(double) * ((50.0 * Samples) + (Parameters * vectors) + (Samples * vectors)),
            Precision,
            1
        );
    }
}
