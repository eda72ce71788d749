using BenchmarkDotNet.Attributes;
using Hesse.Backends;
using Hesse.Backends.Cpu.Dense;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>Products of the Hessian of 50-30-30-10 with vectors, one core; 4P + 8Q = 20,400 flops a sample and vector.</summary>
[MemoryDiagnoser]
public class HessianVectorProductsBenchmarks : IRated
{
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

    [Benchmark]
    public void HessianVectorProducts() => _dense!.HessianVectorProducts(_points!, 0, _vectors, _products);

    [Benchmark]
    public void GgnVectorProducts() => _dense!.GgnVectorProducts(_points!, 0, _vectors, _products);

    /// <summary>Inputs and vectors are read, products written, in double.</summary>
    public Work Work(string benchmark) =>
        new(
            DensePoints.ProductFlops(DensePoints.Random([50, 30, 30, 10], 1, Precision).Network) * Samples * Vectors,
            sizeof(double) * ((50.0 * Samples) + (2.0 * 2770 * Vectors)),
            Precision,
            1
        );
}
