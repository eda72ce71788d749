using BenchmarkDotNet.Attributes;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>The five largest eigenvalues of many replicas by Lanczos' method, in double as a run computes them, all cores.</summary>
[MemoryDiagnoser]
public class HessianEigenpairsBenchmarks : IDisposable
{
    private const int Pairs = 5;

    private Points? _points;
    private CpuBackend? _backend;
    private double[] _pairs = [];
    private EigenpairRequest? _request;

    /// <summary>R</summary>
    [Params(1, 64, 1000)]
    public int Replicas { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        Points one = DensePoints.Random([50, 30, 30, 10], 100, Precision.Float64);
        int p = one.Network.ParameterCount;
        Random random = new(2);
        double[] parameters = [.. Enumerable.Range(0, Replicas * p).Select(_ => random.NextDouble() - 0.5)];
        _points = new Points(one.Network, parameters, one.Data, Precision.Float64);
        _backend = new CpuBackend();
        _pairs = new double[(long)Replicas * Pairs * (EigenpairRequest.Heading + p)];
        _request = new EigenpairRequest
        {
            Largest = Pairs,
            Tolerance = 1e-3,
            Seed = 1,
            Step = 0,
            ReplicaNumbers = [.. Enumerable.Range(0, Replicas)],
        };
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _backend?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Lanczos() => _backend!.HessianEigenpairs(_points!, _request!, _pairs);
}
