using BenchmarkDotNet.Attributes;
using Hesse.Backends;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Reference;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>
/// Whole Hessian and Gauss-Newton matrix of one net on one core. Rates are quoted on N p^2 flops whatever the code does: 7.67 GF
/// for 50-30-30-10 with N = 1000 (docs/numerics.md, 4); `short dense` prints them with the share of the multiply-add peak.
/// </summary>
[MemoryDiagnoser]
public class HessianBenchmarks : IRated
{
    private const int ReferenceSamples = 2;

    private readonly ReferenceBackend _reference = new();
    private IDenseOperations? _dense;
    private Points? _points;
    private Points? _few;
    private double[] _matrix = [];

    /// <summary>The arithmetic.</summary>
    [Params(Precision.Float32, Precision.Float64)]
    public Precision Precision { get; set; }

    /// <summary>p = 2770 with N = 1000, or p = 1150 with N = 100.</summary>
    [Params(2770, 1150)]
    public int Parameters { get; set; }

    private int Samples => Parameters == 2770 ? 1000 : 100;

    [GlobalSetup]
    public void Setup()
    {
        _points = DensePoints.Random(Parameters == 2770 ? [50, 30, 30, 10] : [50, 10, 30, 10], Samples, Precision);
        _few = DensePoints.First(_points, ReferenceSamples);
        _dense = DenseOperations.Create(Precision);
        _matrix = new double[Parameters * Parameters];
    }

    [GlobalCleanup]
    public void Cleanup() => _dense!.Dispose();

    /// <summary>The Hessian of a few samples, scalar.</summary>
    [Benchmark(Baseline = true)]
    public void Reference() => _reference.Hessian(_few!, _matrix);

    [Benchmark]
    public void Hessian() => _dense!.Hessian(_points!, 0, _matrix);

    [Benchmark]
    public void Ggn() => _dense!.Ggn(_points!, 0, _matrix);

    /// <summary>N p^2; the matrix is written in double.</summary>
    public Work Work(string benchmark)
    {
        double numbers = (double)Parameters * Parameters;
        int samples = string.Equals(benchmark, nameof(Reference), StringComparison.Ordinal)
            ? ReferenceSamples
            : Samples;
        return new(samples * numbers, sizeof(double) * numbers, Precision, 1);
    }
}
