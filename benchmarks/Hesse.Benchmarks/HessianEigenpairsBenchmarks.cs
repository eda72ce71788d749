using BenchmarkDotNet.Attributes;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Reference;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>The five largest eigenvalues of many replicas by Lanczos' method, in double as a run computes them, all cores.</summary>
[MemoryDiagnoser]
public class HessianEigenpairsBenchmarks : IDisposable, IRated
{
    private const int Pairs = 5;
    private const int Samples = 100;

    private readonly ReferenceBackend _reference = new();
    private Points? _one;
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
        Points one = DensePoints.Random([50, 30, 30, 10], Samples, Precision.Float64);
        int p = one.Network.ParameterCount;
        Random random = new(2);
        double[] parameters = [.. Enumerable.Range(0, Replicas * p).Select(_ => random.NextDouble() - 0.5)];
        _points = new Points(one.Network, parameters, one.Data, Precision.Float64);
        _one = new Points(one.Network, parameters.AsMemory(0, p), one.Data, Precision.Float64);
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
        _reference.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>One replica, scalar.</summary>
    [Benchmark(Baseline = true)]
    public void Reference() =>
        _reference.HessianEigenpairs(_one!, _request!, _pairs.AsSpan(0, _pairs.Length / Replicas));

    [Benchmark]
    public void Lanczos() => _backend!.HessianEigenpairs(_points!, _request!, _pairs);

    /// <summary>The products alone, which the pairs tell the number of; points are read and pairs written.</summary>
    public Work Work(string benchmark)
    {
        bool reference = string.Equals(benchmark, nameof(Reference), StringComparison.Ordinal);
        int replicas = reference ? 1 : Replicas;
        Prepare();
        Lanczos();
        int width = _pairs.Length / Replicas;
        double products = Enumerable.Range(0, replicas).Sum(replica => _pairs[(replica * width) + 2]);
        Network network = _points!.Network;
        double bytes = sizeof(double) * (((double)replicas * (network.ParameterCount + width)) + (50.0 * Samples));
        int threads = reference ? 1 : _backend!.Threads;
        Dispose();
        return new(products * Samples * DensePoints.ProductFlops(network), bytes, Precision.Float64, threads);
    }
}
