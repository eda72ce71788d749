using BenchmarkDotNet.Attributes;
using Hesse.Backends;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Reference;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>Products of the Hessian of 50-30-30-10 with vectors, one core; 4P + 8Q = 20,400 flops a sample and vector.</summary>
[MemoryDiagnoser]
public class HessianVectorProductsBenchmarks : IRated
{
    private readonly ReferenceBackend _reference = new();
    private IDenseOperations? _dense;
    private Points? _points;
    private double[] _vectors = [];
    private double[] _products = [];

    /// <summary>The arithmetic.</summary>
    [Params(Precision.Float32, Precision.Float64)]
    public Precision Precision { get; set; }

    /// <summary>N</summary>
    [Params(100, 1000)]
    public int Samples { get; set; }

    /// <summary>V</summary>
    [Params(1, 32)]
    public int Vectors { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _points = DensePoints.Random([50, 30, 30, 10], Samples, Precision);
        _dense = DenseOperations.Create(Precision);
        Random random = new(2);
        _vectors = [.. Enumerable.Range(0, Vectors * 2770).Select(_ => random.NextDouble() - 0.5)];
        _products = new double[_vectors.Length];
    }

    [GlobalCleanup]
    public void Cleanup() => _dense!.Dispose();

    /// <summary>The product with one vector, scalar.</summary>
    [Benchmark(Baseline = true)]
    public void Reference() =>
        _reference.HessianVectorProducts(_points!, _vectors.AsSpan(0, 2770), _products.AsSpan(0, 2770));

    [Benchmark]
    public void HessianVectorProducts() => _dense!.HessianVectorProducts(_points!, 0, _vectors, _products);

    [Benchmark]
    public void GgnVectorProducts() => _dense!.GgnVectorProducts(_points!, 0, _vectors, _products);

    /// <summary>Inputs and vectors are read, products written, in double.</summary>
    public Work Work(string benchmark)
    {
        int vectors = string.Equals(benchmark, nameof(Reference), StringComparison.Ordinal) ? 1 : Vectors;
        Network network = DensePoints.Random([50, 30, 30, 10], 1, Precision).Network;
        return new(
            DensePoints.ProductFlops(network) * Samples * vectors,
            sizeof(double) * ((50.0 * Samples) + (2.0 * 2770 * vectors)),
            Precision,
            1
        );
    }
}
